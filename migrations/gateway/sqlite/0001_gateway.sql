-- Nothing in these tables is personal: names, phones, texts and codes stand only in sealed columns
-- (part.data, intake.envelope), which the gateway cannot open. Secrets are kept as digests.

-- The gateway's own row: the order of everything, and the clinic once it is founded.
CREATE TABLE house (
    only_row        INTEGER NOT NULL CONSTRAINT house_pk PRIMARY KEY CONSTRAINT house_one CHECK (only_row = 1),
    epoch           TEXT NOT NULL,
    cursor_key      BLOB NOT NULL CONSTRAINT house_cursor_key CHECK (length(cursor_key) = 32),
    seq             INTEGER NOT NULL CONSTRAINT house_seq CHECK (seq >= 0),
    founding_digest TEXT,
    clinic          TEXT,
    clinic_key      TEXT,
    founded_at      INTEGER,
    CONSTRAINT house_founded CHECK ((clinic IS NULL) = (clinic_key IS NULL) AND (clinic IS NULL) = (founded_at IS NULL))
) STRICT;

CREATE TABLE desk (
    id           TEXT NOT NULL CONSTRAINT desk_pk PRIMARY KEY,
    name         TEXT NOT NULL,
    app_version  TEXT NOT NULL,
    token_digest TEXT NOT NULL CONSTRAINT desk_token UNIQUE,
    enrolled_at  INTEGER NOT NULL,
    revoked_at   INTEGER
) STRICT;

-- One-time codes: the digest of the half that authenticates, and the clinic's key wrapped under the other half.
CREATE TABLE invite (
    auth_digest TEXT NOT NULL CONSTRAINT invite_pk PRIMARY KEY,
    envelope    TEXT NOT NULL,
    made_by     TEXT NOT NULL CONSTRAINT invite_desk REFERENCES desk (id),
    made_at     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT;

CREATE TABLE source (
    id            TEXT NOT NULL CONSTRAINT source_pk PRIMARY KEY,
    connector     TEXT NOT NULL,
    name          TEXT NOT NULL,
    secret_digest TEXT NOT NULL,
    zone          TEXT,
    default_kind  TEXT NOT NULL,
    made_at       INTEGER NOT NULL
) STRICT;

-- Every entity once, at its latest sequence number. No state: it was erased.
CREATE TABLE entity (
    id      TEXT NOT NULL CONSTRAINT entity_pk PRIMARY KEY,
    kind    TEXT NOT NULL,
    version INTEGER NOT NULL CONSTRAINT entity_version CHECK (version > 0),
    seq     INTEGER NOT NULL CONSTRAINT entity_seq UNIQUE,
    state   TEXT
) STRICT;
CREATE INDEX entity_kind ON entity (kind);

CREATE TABLE part (
    entity  TEXT NOT NULL CONSTRAINT part_entity REFERENCES entity (id),
    name    TEXT NOT NULL,
    key_id  TEXT NOT NULL,
    seal_id TEXT NOT NULL,
    data    TEXT NOT NULL,
    CONSTRAINT part_pk PRIMARY KEY (entity, name)
) STRICT;

-- Visits that take up a doctor, a chair and a person; seconds of wall time. Derived from entity.state.
CREATE TABLE slot (
    appointment  TEXT NOT NULL CONSTRAINT slot_pk PRIMARY KEY CONSTRAINT slot_entity REFERENCES entity (id),
    practitioner TEXT NOT NULL,
    chair        TEXT NOT NULL,
    person       TEXT NOT NULL,
    starts       INTEGER NOT NULL,
    ends         INTEGER NOT NULL
) STRICT;
CREATE INDEX slot_time ON slot (starts, ends);

-- Every action that was decided, with its outcome, for ever.
CREATE TABLE action (
    id           TEXT NOT NULL CONSTRAINT action_pk PRIMARY KEY,
    desk         TEXT NOT NULL CONSTRAINT action_desk REFERENCES desk (id),
    actor        TEXT NOT NULL,
    entity       TEXT NOT NULL,
    verb         TEXT NOT NULL,
    payload_hash BLOB NOT NULL CONSTRAINT action_hash CHECK (length(payload_hash) = 32),
    outcome      TEXT NOT NULL,
    decided_at   INTEGER NOT NULL
) STRICT;

-- What came in: the sealed envelope, and two keyed digests by which repetitions are known. Their key is the secret of
-- the source, which is not here: nobody can search this table by guessing phones.
CREATE TABLE intake (
    id          TEXT NOT NULL CONSTRAINT intake_pk PRIMARY KEY,
    source      TEXT NOT NULL CONSTRAINT intake_source REFERENCES source (id),
    request     TEXT NOT NULL CONSTRAINT intake_request REFERENCES entity (id),
    received_at INTEGER NOT NULL,
    natural_mac BLOB,
    body_mac    BLOB NOT NULL,
    dropped     TEXT NOT NULL,
    key_id      TEXT NOT NULL,
    envelope    TEXT NOT NULL,
    CONSTRAINT intake_natural UNIQUE (source, natural_mac)
) STRICT;
CREATE INDEX intake_body ON intake (source, body_mac, received_at);
