-- What the record looked like when somebody edited it as a whole. When the gateway finds that it had changed meanwhile, mine,
-- theirs and this are laid together field by field. It goes with its action, wherever that stands.
CREATE TABLE action_before (
    n        INTEGER NOT NULL CONSTRAINT action_before_pk PRIMARY KEY,
    snapshot TEXT    NOT NULL
) STRICT;
CREATE TRIGGER action_before_leaves_outbox AFTER DELETE ON outbox
WHEN NOT EXISTS (SELECT 1 FROM settled WHERE n = old.n) BEGIN DELETE FROM action_before WHERE n = old.n; END;
CREATE TRIGGER action_before_leaves_settled AFTER DELETE ON settled
WHEN NOT EXISTS (SELECT 1 FROM outbox WHERE n = old.n) BEGIN DELETE FROM action_before WHERE n = old.n; END;
