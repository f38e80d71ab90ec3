-- The same tables as in ../sqlite, in the words of PostgreSQL. Ids and other machine words compare byte by byte.
-- Nothing in these tables is personal: names, phones, texts and codes stand only in sealed columns
-- (part.data, intake.envelope), which the gateway cannot open. Secrets are kept as digests.

-- The gateway's own row: the order of everything, and the clinic once it is founded. Every writing transaction locks it
-- first, so sequence numbers become visible in their order.
CREATE TABLE house (
    only_row        bigint NOT NULL CONSTRAINT house_pk PRIMARY KEY CONSTRAINT house_one CHECK (only_row = 1),
    epoch           text NOT NULL,
    cursor_key      bytea NOT NULL CONSTRAINT house_cursor_key CHECK (length(cursor_key) = 32),
    seq             bigint NOT NULL CONSTRAINT house_seq CHECK (seq >= 0),
    founding_digest text,
    clinic          text,
    clinic_key      text,
    founded_at      bigint,
    CONSTRAINT house_founded CHECK ((clinic IS NULL) = (clinic_key IS NULL) AND (clinic IS NULL) = (founded_at IS NULL))
) WITH (fillfactor = 10);

CREATE TABLE desk (
    id           text COLLATE "C" NOT NULL CONSTRAINT desk_pk PRIMARY KEY,
    name         text NOT NULL,
    app_version  text NOT NULL,
    token_digest text COLLATE "C" NOT NULL CONSTRAINT desk_token UNIQUE,
    enrolled_at  bigint NOT NULL,
    revoked_at   bigint
);

-- One-time codes: the digest of the half that authenticates, and the clinic's key wrapped under the other half.
CREATE TABLE invite (
    auth_digest text COLLATE "C" NOT NULL CONSTRAINT invite_pk PRIMARY KEY,
    envelope    text NOT NULL,
    made_by     text COLLATE "C" NOT NULL CONSTRAINT invite_desk REFERENCES desk (id),
    made_at     bigint NOT NULL,
    expires_at  bigint NOT NULL,
    used_at     bigint
);

CREATE TABLE source (
    id            text COLLATE "C" NOT NULL CONSTRAINT source_pk PRIMARY KEY,
    connector     text NOT NULL,
    name          text NOT NULL,
    secret_digest text NOT NULL,
    zone          text,
    default_kind  text NOT NULL,
    made_at       bigint NOT NULL
);

-- Every entity once, at its latest sequence number. No state: it was erased.
CREATE TABLE entity (
    id      text COLLATE "C" NOT NULL CONSTRAINT entity_pk PRIMARY KEY,
    kind    text NOT NULL,
    version bigint NOT NULL CONSTRAINT entity_version CHECK (version > 0),
    seq     bigint NOT NULL CONSTRAINT entity_seq UNIQUE,
    state   text
);
CREATE INDEX entity_kind ON entity (kind);

CREATE TABLE part (
    entity  text COLLATE "C" NOT NULL CONSTRAINT part_entity REFERENCES entity (id),
    name    text COLLATE "C" NOT NULL,
    key_id  text NOT NULL,
    seal_id text NOT NULL,
    data    text NOT NULL,
    CONSTRAINT part_pk PRIMARY KEY (entity, name)
);

-- Visits that take up a doctor, a chair and a person; seconds of wall time, half-open. Derived from entity.state.
CREATE TABLE slot (
    appointment  text COLLATE "C" NOT NULL CONSTRAINT slot_pk PRIMARY KEY CONSTRAINT slot_entity REFERENCES entity (id),
    practitioner text COLLATE "C" NOT NULL,
    chair        text COLLATE "C" NOT NULL,
    person       text COLLATE "C" NOT NULL,
    starts       bigint NOT NULL,
    ends         bigint NOT NULL
);
CREATE INDEX slot_time ON slot (starts, ends);

-- Every action that was decided, with its outcome, for ever.
CREATE TABLE action (
    id           text COLLATE "C" NOT NULL CONSTRAINT action_pk PRIMARY KEY,
    desk         text COLLATE "C" NOT NULL CONSTRAINT action_desk REFERENCES desk (id),
    actor        text NOT NULL,
    entity       text NOT NULL,
    verb         text NOT NULL,
    payload_hash bytea NOT NULL CONSTRAINT action_hash CHECK (length(payload_hash) = 32),
    outcome      text NOT NULL,
    decided_at   bigint NOT NULL
);

-- What came in: the sealed envelope, and two keyed digests by which repetitions are known. Their key is the secret of
-- the source, which is not here: nobody can search this table by guessing phones.
CREATE TABLE intake (
    id          text COLLATE "C" NOT NULL CONSTRAINT intake_pk PRIMARY KEY,
    source      text COLLATE "C" NOT NULL CONSTRAINT intake_source REFERENCES source (id),
    request     text COLLATE "C" NOT NULL CONSTRAINT intake_request REFERENCES entity (id),
    received_at bigint NOT NULL,
    natural_mac bytea,
    body_mac    bytea NOT NULL,
    dropped     text NOT NULL,
    key_id      text NOT NULL,
    envelope    text NOT NULL,
    CONSTRAINT intake_natural UNIQUE (source, natural_mac)
);
CREATE INDEX intake_body ON intake (source, body_mac, received_at);
