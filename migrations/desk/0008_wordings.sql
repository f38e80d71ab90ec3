-- Texts of papers that this clinic has edited, every revision as it was saved. Kept at this desk.
CREATE TABLE wording (
    form       TEXT    NOT NULL,
    revision   INTEGER NOT NULL CONSTRAINT wording_counts CHECK (revision > 0),
    body       TEXT    NOT NULL,
    sha256     TEXT    NOT NULL,
    -- whoever signed an earlier revision signs anew
    sign_again INTEGER NOT NULL CONSTRAINT wording_sign_again_flag CHECK (sign_again IN (0, 1)),
    -- Unix milliseconds
    saved_at   INTEGER NOT NULL,
    saved_by   TEXT    NOT NULL,
    CONSTRAINT wording_pk PRIMARY KEY (form, revision)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER wording_stays BEFORE UPDATE ON wording BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;

-- PDF files of the clinic's own and where the desk's fields stand on them, every revision.
CREATE TABLE own_form (
    form       TEXT    NOT NULL,
    revision   INTEGER NOT NULL CONSTRAINT own_form_counts CHECK (revision > 0),
    title      TEXT    NOT NULL,
    pdf        BLOB    NOT NULL,
    -- JSON
    stamps     TEXT    NOT NULL,
    -- of file and fields together
    sha256     TEXT    NOT NULL,
    -- not offered any more
    retired    INTEGER NOT NULL CONSTRAINT own_form_retired_flag CHECK (retired IN (0, 1)),
    saved_at   INTEGER NOT NULL,
    saved_by   TEXT    NOT NULL,
    CONSTRAINT own_form_pk PRIMARY KEY (form, revision)
) STRICT;

-- The signed sheet as it was scanned; it goes with the person.
CREATE TABLE paper_scan (
    paper   TEXT    NOT NULL CONSTRAINT paper_scan_pk PRIMARY KEY,
    person  TEXT    NOT NULL,
    pdf     BLOB    NOT NULL,
    sha256  TEXT    NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT;
CREATE INDEX paper_scan_person ON paper_scan (person);
CREATE TRIGGER paper_scan_goes AFTER DELETE ON entity WHEN old.kind = 'person'
BEGIN DELETE FROM paper_scan WHERE person = old.id; END;
