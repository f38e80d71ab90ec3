-- Changes that this version cannot read: of a newer kind, or with a word that is not known here. They are kept as they
-- came, sealed parts and all, and are not a part of the view; a newer version of the program reads them from here.
CREATE TABLE newer (
    id         TEXT    NOT NULL CONSTRAINT newer_pk PRIMARY KEY,
    seq        INTEGER NOT NULL CONSTRAINT newer_seq_range CHECK (seq >= 0),
    generation INTEGER NOT NULL,
    raw        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
