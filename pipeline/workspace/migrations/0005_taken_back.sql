-- How a file looked when it was read, so that one written to after it was taken is taken again; versions set aside.
ALTER TABLE claims ADD COLUMN size INTEGER NOT NULL DEFAULT -1;      -- bytes; -1: not watched
ALTER TABLE claims ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;    -- time of change, nanoseconds since 1970
ALTER TABLE inputs ADD COLUMN withdrawn TEXT NOT NULL DEFAULT '';    -- why this version counts no more; empty: it does
CREATE INDEX claims_by_time ON claims (decided_at);
