-- The last line: whatever the rule believed, the database takes no double booking, no overdraft and nobody's return
-- from erasure. The names are what the gateway knows a refusal by; ../sqlite has the same ones.

CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE slot
    ADD CONSTRAINT slot_order CHECK (starts < ends),
    ADD CONSTRAINT slot_practitioner_free EXCLUDE USING gist (practitioner WITH =, int8range(starts, ends) WITH &&),
    ADD CONSTRAINT slot_chair_free EXCLUDE USING gist (chair WITH =, int8range(starts, ends) WITH &&),
    ADD CONSTRAINT slot_person_free EXCLUDE USING gist (person WITH =, int8range(starts, ends) WITH &&);

-- What certificates have left, in kopecks, carried on entry by entry and never read back from entity.state.
CREATE TABLE purse (
    certificate text COLLATE "C" NOT NULL CONSTRAINT purse_pk PRIMARY KEY CONSTRAINT purse_entity REFERENCES entity (id),
    balance     bigint NOT NULL CONSTRAINT purse_not_overdrawn CHECK (balance >= 0)
);

CREATE TABLE ledger (
    certificate text COLLATE "C" NOT NULL CONSTRAINT ledger_purse REFERENCES purse (certificate),
    place       bigint NOT NULL CONSTRAINT ledger_place CHECK (place >= 0),
    action      text COLLATE "C",
    kind        text NOT NULL,
    amount      bigint NOT NULL,
    CONSTRAINT ledger_pk PRIMARY KEY (certificate, place),
    CONSTRAINT ledger_action UNIQUE (certificate, action)
);

CREATE FUNCTION entity_stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'entity_stays_erased', MESSAGE = 'erased';
END
$$;
CREATE TRIGGER entity_stays_erased BEFORE UPDATE ON entity FOR EACH ROW
    WHEN (OLD.state IS NULL AND NEW.state IS NOT NULL) EXECUTE FUNCTION entity_stays_erased();
