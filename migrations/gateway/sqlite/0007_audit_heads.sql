-- The heads of the desks' audit chains: a number and a hash, nothing of what was done. Rows are only added; those between
-- the last heads of two days go after a while.
CREATE TABLE audit_head (
    desk TEXT NOT NULL CONSTRAINT audit_head_desk REFERENCES desk (id),
    n    INTEGER NOT NULL CONSTRAINT audit_head_number CHECK (n > 0),
    hash BLOB NOT NULL CONSTRAINT audit_head_hash CHECK (length(hash) = 32),
    at   INTEGER NOT NULL,
    CONSTRAINT audit_head_pk PRIMARY KEY (desk, n)
) STRICT;

CREATE TRIGGER audit_head_never_changes BEFORE UPDATE ON audit_head
BEGIN SELECT RAISE(ABORT, 'audit_head_never_changes'); END;
