-- What the gateway has confirmed and the feed has brought is kept for a while: a gateway that was restored from an older
-- copy has forgotten it, and gets it again under the same id. Not a part of the view: an old action must not lie over
-- what others have done since.
CREATE TABLE settled (
    -- its place in the outbox
    n          INTEGER NOT NULL CONSTRAINT settled_pk PRIMARY KEY,
    id         TEXT    NOT NULL CONSTRAINT settled_id_once UNIQUE,
    envelope   TEXT    NOT NULL,
    opened     TEXT    NOT NULL,
    decided_at INTEGER NOT NULL,
    desk       TEXT    NOT NULL,
    -- 1: to be sent again
    again      INTEGER NOT NULL CONSTRAINT settled_again_flag CHECK (again IN (0, 1))
) STRICT;
CREATE INDEX settled_again ON settled (n) WHERE again = 1;
CREATE INDEX settled_age ON settled (decided_at);
