-- What this desk has erased because the gateway said so: ids alone. The act of a destruction is written from it, and copies
-- of the database are cleaned by it.
CREATE TABLE erased (
    id             TEXT    NOT NULL PRIMARY KEY,
    erased_at      INTEGER NOT NULL,
    -- None: the copies were not looked through yet.
    copies_cleaned INTEGER,
    copies_missed  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_unswept ON erased (id) WHERE copies_cleaned IS NULL OR copies_missed > 0;
