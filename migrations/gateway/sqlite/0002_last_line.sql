-- The last line: whatever the rule believed, the database takes no double booking, no overdraft and nobody's return
-- from erasure. The names are what the gateway knows a refusal by; ../postgres has the same ones, as constraints.

-- Half-open from now on: a visit ends in the second in which the next one begins.
UPDATE slot SET ends = ends - 1;

CREATE TRIGGER slot_practitioner_free BEFORE INSERT ON slot
WHEN EXISTS (
    SELECT 1 FROM slot WHERE practitioner = NEW.practitioner AND starts < NEW.ends AND ends > NEW.starts
)
BEGIN SELECT RAISE(ABORT, 'slot_practitioner_free'); END;

CREATE TRIGGER slot_chair_free BEFORE INSERT ON slot
WHEN EXISTS (SELECT 1 FROM slot WHERE chair = NEW.chair AND starts < NEW.ends AND ends > NEW.starts)
BEGIN SELECT RAISE(ABORT, 'slot_chair_free'); END;

CREATE TRIGGER slot_person_free BEFORE INSERT ON slot
WHEN EXISTS (SELECT 1 FROM slot WHERE person = NEW.person AND starts < NEW.ends AND ends > NEW.starts)
BEGIN SELECT RAISE(ABORT, 'slot_person_free'); END;

CREATE TRIGGER slot_order BEFORE INSERT ON slot WHEN NEW.starts >= NEW.ends
BEGIN SELECT RAISE(ABORT, 'slot_order'); END;

-- A visit that moves leaves its row and takes a new one: no row changes under the triggers.
CREATE TRIGGER slot_never_changes BEFORE UPDATE ON slot
BEGIN SELECT RAISE(ABORT, 'slot_never_changes'); END;

-- What certificates have left, in kopecks, carried on entry by entry and never read back from entity.state.
CREATE TABLE purse (
    certificate TEXT NOT NULL CONSTRAINT purse_pk PRIMARY KEY CONSTRAINT purse_entity REFERENCES entity (id),
    balance     INTEGER NOT NULL CONSTRAINT purse_not_overdrawn CHECK (balance >= 0)
) STRICT;

CREATE TABLE ledger (
    certificate TEXT NOT NULL CONSTRAINT ledger_purse REFERENCES purse (certificate),
    place       INTEGER NOT NULL CONSTRAINT ledger_place CHECK (place >= 0),
    action      TEXT,
    kind        TEXT NOT NULL,
    amount      INTEGER NOT NULL,
    CONSTRAINT ledger_pk PRIMARY KEY (certificate, place),
    CONSTRAINT ledger_action UNIQUE (certificate, action)
) STRICT;

INSERT INTO purse (certificate, balance)
SELECT e.id, (SELECT COALESCE(SUM(l.value ->> 'amount'), 0) FROM json_each(e.state, '$.ledger') AS l)
FROM entity AS e WHERE e.kind = 'certificate' AND e.state IS NOT NULL;

INSERT INTO ledger (certificate, place, action, kind, amount)
SELECT e.id, l.key, l.value ->> 'action', l.value ->> 'kind', l.value ->> 'amount'
FROM entity AS e, json_each(e.state, '$.ledger') AS l WHERE e.kind = 'certificate' AND e.state IS NOT NULL;

CREATE TRIGGER entity_stays_erased BEFORE UPDATE ON entity WHEN OLD.state IS NULL AND NEW.state IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'entity_stays_erased'); END;
