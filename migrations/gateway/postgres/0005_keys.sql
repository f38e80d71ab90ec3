-- The clinic's key is changed when a desk is let go. The newest public key stands in house.clinic_key.
ALTER TABLE house
    ADD COLUMN key_number bigint NOT NULL DEFAULT 1 CONSTRAINT house_key_number CHECK (key_number > 0),
    -- Since when keys are changed here: a desk that was let go before that is let go as of then.
    ADD COLUMN keys_since bigint NOT NULL DEFAULT 0;
UPDATE house SET keys_since = (extract(epoch FROM now()) * 1000)::bigint;

-- Every change; the founding key has none. Private keys stand in `previous` sealed to the key after them.
CREATE TABLE key_change (
    number     bigint NOT NULL CONSTRAINT key_change_pk PRIMARY KEY CONSTRAINT key_change_number CHECK (number > 1),
    public_key text NOT NULL,
    proof      text NOT NULL,
    previous   text NOT NULL,
    made_by    text NOT NULL,
    made_at    bigint NOT NULL
);

ALTER TABLE desk
    -- The desk's own public key, authenticated by the clinic's key.
    ADD COLUMN public_key text,
    ADD COLUMN authentication text,
    -- The newest private key, sealed to the desk's own; only of the last change.
    ADD COLUMN key_copy text,
    -- The highest number of a key that the desk was given.
    ADD COLUMN knows_key bigint NOT NULL DEFAULT 1;
