-- Printed sheets of people, to be found by the mark on the sheet, by the day, and by what they wait for. Derived from entity.
CREATE TABLE paper_index (
    paper      TEXT    NOT NULL CONSTRAINT paper_index_pk PRIMARY KEY,
    row        INTEGER NOT NULL CONSTRAINT paper_index_of_entity REFERENCES entity (row) ON DELETE CASCADE,
    -- Unix milliseconds
    printed_at INTEGER NOT NULL,
    -- somebody still has to sign it
    awaits     INTEGER NOT NULL CONSTRAINT paper_index_awaits_flag CHECK (awaits IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX paper_of ON paper_index (row);
CREATE INDEX paper_printed ON paper_index (printed_at);
CREATE INDEX paper_awaits ON paper_index (printed_at) WHERE awaits = 1;

INSERT OR IGNORE INTO paper_index (paper, row, printed_at, awaits)
SELECT p.value ->> 'id', e.row, CAST(unixepoch(p.value ->> 'printed_at', 'subsec') * 1000 AS INTEGER), 1
FROM entity e, json_each(e.state, '$.papers') p WHERE e.kind = 'person';

-- What was printed, as it was printed, at the desk that printed it; it goes with the person.
CREATE TABLE paper_file (
    paper  TEXT NOT NULL CONSTRAINT paper_file_pk PRIMARY KEY,
    person TEXT NOT NULL,
    pdf    BLOB NOT NULL
) STRICT;
CREATE INDEX paper_file_person ON paper_file (person);
CREATE TRIGGER paper_file_goes AFTER DELETE ON entity WHEN old.kind = 'person'
BEGIN DELETE FROM paper_file WHERE person = old.id; END;
