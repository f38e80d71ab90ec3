-- The desk's database, version 1. Forward only: a released file is never edited, changes come as new files.
--
-- `entity` holds the view that people work on: the confirmed state with this desk's own unsettled actions replayed on
-- top. Where such actions lie over it, `confirmed` keeps what the gateway said. Everything below `entity` is derived
-- from it by one function (src/index.rs) in the same transaction.

CREATE TABLE entity (
    row          INTEGER NOT NULL CONSTRAINT entity_pk PRIMARY KEY,
    id           TEXT    NOT NULL CONSTRAINT entity_id_once UNIQUE,
    kind         TEXT    NOT NULL CONSTRAINT entity_kind_known CHECK (
        kind IN ('clinic', 'staff', 'practitioner', 'person', 'request', 'appointment', 'certificate')
    ),
    -- what the gateway confirmed; 0: nothing yet
    base_version INTEGER NOT NULL CONSTRAINT entity_base_version_range CHECK (base_version >= 0),
    base_seq     INTEGER NOT NULL CONSTRAINT entity_base_seq_range CHECK (base_seq >= 0),
    -- what the next action has to name: the confirmed version and the own actions that will raise it
    version      INTEGER NOT NULL CONSTRAINT entity_version_range CHECK (version >= base_version),
    state        TEXT    NOT NULL,
    parts        TEXT    NOT NULL,
    -- 0 confirmed, 1 saved here, 2 refused
    certainty    INTEGER NOT NULL CONSTRAINT entity_certainty_known CHECK (certainty IN (0, 1, 2)),
    generation   INTEGER NOT NULL,
    -- fingerprint of what is indexed as text; 0: nothing
    text_mark    INTEGER NOT NULL
) STRICT;
CREATE INDEX entity_kind ON entity (kind, row) WHERE kind IN ('clinic', 'staff', 'practitioner');

CREATE TABLE confirmed (
    row   INTEGER NOT NULL CONSTRAINT confirmed_pk PRIMARY KEY
        CONSTRAINT confirmed_of_entity REFERENCES entity (row) ON DELETE CASCADE,
    -- NULL: the gateway does not know the entity
    state TEXT,
    parts TEXT NOT NULL
) STRICT;

-- ------------------------------------------------------------------------------------------------ derived from entity

CREATE TABLE request_index (
    row          INTEGER NOT NULL CONSTRAINT request_index_pk PRIMARY KEY
        CONSTRAINT request_index_of_entity REFERENCES entity (row) ON DELETE CASCADE,
    is_open      INTEGER NOT NULL CONSTRAINT request_index_is_open_flag CHECK (is_open IN (0, 1)),
    -- Unix milliseconds
    submitted_at INTEGER NOT NULL,
    next_try_at  INTEGER,
    closed_at    INTEGER,
    person       TEXT
) STRICT;
CREATE INDEX request_open ON request_index (submitted_at) WHERE is_open = 1;
CREATE INDEX request_closed ON request_index (closed_at) WHERE is_open = 0;
CREATE INDEX request_person ON request_index (person) WHERE person IS NOT NULL;

CREATE TABLE visit_index (
    row          INTEGER NOT NULL CONSTRAINT visit_index_pk PRIMARY KEY
        CONSTRAINT visit_index_of_entity REFERENCES entity (row) ON DELETE CASCADE,
    -- wall time of the clinic, `2026-11-23T10:30:00`
    starts       TEXT    NOT NULL,
    ends         TEXT    NOT NULL,
    practitioner TEXT    NOT NULL,
    chair        TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    occupies     INTEGER NOT NULL CONSTRAINT visit_index_occupies_flag CHECK (occupies IN (0, 1))
) STRICT;
CREATE INDEX visit_starts ON visit_index (starts);
CREATE INDEX visit_person ON visit_index (person, starts);

CREATE TABLE phone_index (
    -- digits of E.164 without the plus
    digits TEXT    NOT NULL,
    row    INTEGER NOT NULL CONSTRAINT phone_index_of_entity REFERENCES entity (row) ON DELETE CASCADE,
    CONSTRAINT phone_index_pk PRIMARY KEY (digits, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_row ON phone_index (row);

-- the folded name, for the first two letters of a search and for what begins with the words typed
CREATE TABLE name_index (
    row  INTEGER NOT NULL CONSTRAINT name_index_pk PRIMARY KEY
        CONSTRAINT name_index_of_entity REFERENCES entity (row) ON DELETE CASCADE,
    name TEXT    NOT NULL
) STRICT;
CREATE INDEX name_begins ON name_index (name);

-- codes and logins: looked up exactly
CREATE TABLE key_index (
    row   INTEGER NOT NULL CONSTRAINT key_index_pk PRIMARY KEY
        CONSTRAINT key_index_of_entity REFERENCES entity (row) ON DELETE CASCADE,
    kind  TEXT    NOT NULL,
    value TEXT    NOT NULL
) STRICT;
CREATE INDEX key_value ON key_index (kind, value);

-- any part of a name, phone or e-mail; rowid is entity.row
CREATE VIRTUAL TABLE search USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');

-- ------------------------------------------------------------------------------------------------------------- outbox

CREATE TABLE outbox (
    n          INTEGER NOT NULL CONSTRAINT outbox_pk PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL CONSTRAINT outbox_id_once UNIQUE,
    -- the action with its sealed parts, as it is sent
    envelope   TEXT    NOT NULL,
    -- the same parts open, for this desk's own view
    opened     TEXT    NOT NULL,
    -- when and for which desk it was decided; the replay uses the same moment
    decided_at INTEGER NOT NULL,
    desk       TEXT    NOT NULL,
    state      TEXT    NOT NULL CONSTRAINT outbox_state_known CHECK (state IN ('saved', 'unknown', 'applied', 'refused')),
    refusal    TEXT,
    tries      INTEGER NOT NULL,
    CONSTRAINT outbox_refusal_if_refused CHECK ((state = 'refused') = (refusal IS NOT NULL))
) STRICT;

CREATE TABLE outbox_touch (
    entity  TEXT    NOT NULL,
    n       INTEGER NOT NULL CONSTRAINT outbox_touch_of_action REFERENCES outbox (n) ON DELETE CASCADE,
    -- once applied: the version that the feed has to reach
    version INTEGER,
    CONSTRAINT outbox_touch_pk PRIMARY KEY (entity, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_touch_action ON outbox_touch (n);

-- ------------------------------------------------------------------------------------------------- the desk about itself

CREATE TABLE desk (
    one           INTEGER NOT NULL CONSTRAINT desk_pk PRIMARY KEY CONSTRAINT desk_one CHECK (one = 1),
    desk          TEXT    NOT NULL,
    clinic        TEXT    NOT NULL,
    gateway       TEXT    NOT NULL,
    clinic_key_id TEXT    NOT NULL,
    created_at    TEXT    NOT NULL
) STRICT;

CREATE TABLE feed (
    one        INTEGER NOT NULL CONSTRAINT feed_pk PRIMARY KEY CONSTRAINT feed_one CHECK (one = 1),
    cursor     TEXT,
    pulled_at  TEXT,
    generation INTEGER NOT NULL,
    resyncing  INTEGER NOT NULL CONSTRAINT feed_resyncing_flag CHECK (resyncing IN (0, 1))
) STRICT;
INSERT INTO feed (one, cursor, pulled_at, generation, resyncing) VALUES (1, NULL, NULL, 1, 0);

CREATE TABLE setting (
    key   TEXT NOT NULL CONSTRAINT setting_pk PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- -------------------------------------------------------------------------------------------------------- audit chain

CREATE TABLE audit (
    n       INTEGER NOT NULL CONSTRAINT audit_pk PRIMARY KEY,
    at      TEXT    NOT NULL,
    staff   TEXT,
    verb    TEXT    NOT NULL,
    subject TEXT,
    detail  TEXT,
    prev    BLOB    NOT NULL CONSTRAINT audit_prev_length CHECK (length(prev) = 32),
    hash    BLOB    NOT NULL CONSTRAINT audit_hash_length CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit chain is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit chain is append-only'); END;

-- the last row, so that a cut tail shows
CREATE TABLE audit_head (
    one  INTEGER NOT NULL CONSTRAINT audit_head_pk PRIMARY KEY CONSTRAINT audit_head_one CHECK (one = 1),
    n    INTEGER NOT NULL,
    hash BLOB    NOT NULL CONSTRAINT audit_head_hash_length CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit_head (one, n, hash) VALUES (1, 0, zeroblob(32));
