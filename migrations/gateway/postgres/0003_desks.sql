-- A desk's token is exchanged without a gap: the new one waits here until it is used for the first time.
ALTER TABLE desk
    ADD COLUMN next_token_digest text COLLATE "C" CONSTRAINT desk_next_token UNIQUE,
    -- What of the clinic the desk is given. Cursors are good for one scope.
    ADD COLUMN scope text NOT NULL DEFAULT 'clinic',
    ADD COLUMN last_seen_at bigint;

-- Tombstones up to this number may be gone: a cursor that is older may have missed one.
ALTER TABLE house ADD COLUMN purge_floor bigint NOT NULL DEFAULT 0;
-- When the state was erased; the tombstone itself goes after its time.
ALTER TABLE entity ADD COLUMN erased_at bigint;
CREATE INDEX entity_erased ON entity (erased_at) WHERE erased_at IS NOT NULL;
