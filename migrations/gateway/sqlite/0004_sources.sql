-- Sources: what the clinic has said of their fields, what the gateway needs to ask them itself, and how they fare.

ALTER TABLE source ADD COLUMN mapping TEXT NOT NULL DEFAULT '[]';
ALTER TABLE source ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1 CONSTRAINT source_enabled CHECK (enabled IN (0, 1));

-- SECRET, in plain form: what the gateway needs to act by itself (the key that a shop signs with, access to a shop, to
-- YCLIENTS, to a mailbox). Only of sources of these kinds. Nobody's personal data.
CREATE TABLE source_secret (
    source TEXT NOT NULL CONSTRAINT source_secret_pk PRIMARY KEY CONSTRAINT source_secret_source REFERENCES source (id),
    data   TEXT NOT NULL
) STRICT;

-- How far a source was asked, when it is to be asked next, and which process does it.
CREATE TABLE source_poll (
    source     TEXT NOT NULL CONSTRAINT source_poll_pk PRIMARY KEY CONSTRAINT source_poll_source REFERENCES source (id),
    place      TEXT,
    polled_at  INTEGER,
    failures   INTEGER NOT NULL DEFAULT 0 CONSTRAINT source_poll_failures CHECK (failures >= 0),
    due_at     INTEGER NOT NULL DEFAULT 0,
    holder     TEXT,
    held_until INTEGER NOT NULL DEFAULT 0
) STRICT;

-- News of things whose truth is still to be asked for.
CREATE TABLE source_hint (
    source   TEXT NOT NULL CONSTRAINT source_hint_source REFERENCES source (id),
    resource TEXT NOT NULL,
    subject  INTEGER NOT NULL,
    noted_at INTEGER NOT NULL,
    CONSTRAINT source_hint_pk PRIMARY KEY (source, resource, subject)
) STRICT;

-- What went wrong with a source, counted by the day (days since 1970).
CREATE TABLE source_trouble (
    source  TEXT NOT NULL CONSTRAINT source_trouble_source REFERENCES source (id),
    kind    TEXT NOT NULL,
    day     INTEGER NOT NULL,
    count   INTEGER NOT NULL CONSTRAINT source_trouble_count CHECK (count > 0),
    last_at INTEGER NOT NULL,
    CONSTRAINT source_trouble_pk PRIMARY KEY (source, kind, day)
) STRICT;

-- Later versions of the same thing at the site, known by a keyed digest of its key there.
ALTER TABLE intake ADD COLUMN subject_mac BLOB;
ALTER TABLE intake ADD COLUMN subject_at INTEGER;
ALTER TABLE intake ADD COLUMN quarantine TEXT;
CREATE INDEX intake_subject ON intake (source, subject_mac);
CREATE INDEX intake_time ON intake (source, received_at);

-- Which certificate was made of which piece of which order.
CREATE TABLE intake_certificate (
    source      TEXT NOT NULL CONSTRAINT intake_certificate_source REFERENCES source (id),
    mark        BLOB NOT NULL,
    certificate TEXT NOT NULL CONSTRAINT intake_certificate_entity REFERENCES entity (id),
    CONSTRAINT intake_certificate_pk PRIMARY KEY (source, mark)
) STRICT;
