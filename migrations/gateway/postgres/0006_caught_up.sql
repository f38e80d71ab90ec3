-- When the desk asked for news last and had everything until then: what was erased before that, it has heard of.
ALTER TABLE desk ADD COLUMN caught_up_at bigint;
