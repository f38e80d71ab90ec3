-- The clinic's key is changed when a desk is let go. The newest public key stands in house.clinic_key.
ALTER TABLE house ADD COLUMN key_number INTEGER NOT NULL DEFAULT 1 CONSTRAINT house_key_number CHECK (key_number > 0);
-- Since when keys are changed here: a desk that was let go before that is let go as of then.
ALTER TABLE house ADD COLUMN keys_since INTEGER NOT NULL DEFAULT 0;
UPDATE house SET keys_since = unixepoch() * 1000;

-- Every change; the founding key has none. Private keys stand in `previous` sealed to the key after them.
CREATE TABLE key_change (
    number     INTEGER NOT NULL CONSTRAINT key_change_pk PRIMARY KEY CONSTRAINT key_change_number CHECK (number > 1),
    public_key TEXT NOT NULL,
    proof      TEXT NOT NULL,
    previous   TEXT NOT NULL,
    made_by    TEXT NOT NULL,
    made_at    INTEGER NOT NULL
) STRICT;

-- The desk's own public key, authenticated by the clinic's key.
ALTER TABLE desk ADD COLUMN public_key TEXT;
ALTER TABLE desk ADD COLUMN authentication TEXT;
-- The newest private key, sealed to the desk's own; only of the last change.
ALTER TABLE desk ADD COLUMN key_copy TEXT;
-- The highest number of a key that the desk was given.
ALTER TABLE desk ADD COLUMN knows_key INTEGER NOT NULL DEFAULT 1;
