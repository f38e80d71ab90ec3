-- People whose record tells of a block, lifted or not: a handful, looked at whenever anything leaves the store. A person
-- without blocks has no such member in the state.
CREATE INDEX entity_blocked ON entity (row) WHERE kind = 'person' AND instr(state, '"blocks"') > 0;
