-- A desk's token is exchanged without a gap: the new one waits here until it is used for the first time.
ALTER TABLE desk ADD COLUMN next_token_digest TEXT;
CREATE UNIQUE INDEX desk_next_token ON desk (next_token_digest) WHERE next_token_digest IS NOT NULL;
-- What of the clinic the desk is given. Cursors are good for one scope.
ALTER TABLE desk ADD COLUMN scope TEXT NOT NULL DEFAULT 'clinic';
ALTER TABLE desk ADD COLUMN last_seen_at INTEGER;

-- Tombstones up to this number may be gone: a cursor that is older may have missed one.
ALTER TABLE house ADD COLUMN purge_floor INTEGER NOT NULL DEFAULT 0;
-- When the state was erased; the tombstone itself goes after its time.
ALTER TABLE entity ADD COLUMN erased_at INTEGER;
CREATE INDEX entity_erased ON entity (erased_at) WHERE erased_at IS NOT NULL;
