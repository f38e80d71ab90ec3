-- The heads of the desks' audit chains: a number and a hash, nothing of what was done. Rows are only added; those between
-- the last heads of two days go after a while.
CREATE TABLE audit_head (
    desk text COLLATE "C" NOT NULL CONSTRAINT audit_head_desk REFERENCES desk (id),
    n    bigint NOT NULL CONSTRAINT audit_head_number CHECK (n > 0),
    hash bytea NOT NULL CONSTRAINT audit_head_hash CHECK (length(hash) = 32),
    at   bigint NOT NULL,
    CONSTRAINT audit_head_pk PRIMARY KEY (desk, n)
);

CREATE FUNCTION audit_head_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_head_never_changes', MESSAGE = 'kept';
END
$$;
CREATE TRIGGER audit_head_never_changes BEFORE UPDATE ON audit_head FOR EACH ROW
    EXECUTE FUNCTION audit_head_never_changes();
