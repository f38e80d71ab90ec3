-- Texts of the policy on the clinic's site as this desk saw them, by their hash. Rows are only added; that somebody has read a
-- version is noted once.
CREATE TABLE policy_version (
    n       INTEGER NOT NULL CONSTRAINT policy_version_pk PRIMARY KEY,
    page    TEXT    NOT NULL,
    sha256  TEXT    NOT NULL CONSTRAINT policy_version_hash CHECK (length(sha256) = 64),
    seen_at INTEGER NOT NULL,
    -- the first version of a page needs nobody
    read_at INTEGER,
    read_by TEXT
) STRICT;
