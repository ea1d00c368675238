-- Files that go back, each before it does: who sent it is told, whatever happens in between.
CREATE TABLE refusals (
    id INTEGER PRIMARY KEY,
    claim TEXT NOT NULL,       -- of the file, or of the zip that it came in
    department TEXT NOT NULL,  -- folder of the department below the inbox; empty for the inbox itself
    name TEXT NOT NULL,        -- as it was dropped; of a member of a zip 资料.zip/费用.xlsx
    reason TEXT NOT NULL,      -- for the sender
    at TEXT NOT NULL,          -- UTC
    project TEXT NOT NULL,     -- code where it is known
    filled_by TEXT NOT NULL,   -- employee number where the file says it
    target TEXT NOT NULL,      -- path below that folder where it goes
    content TEXT NOT NULL,     -- SHA-256 of a member of a zip, which is copied from the store; empty: the file is moved
    letter TEXT NOT NULL CHECK (letter IN ('due', 'made', 'none'))  -- none: taken in by a run without mail, or taken back
) STRICT;
CREATE INDEX refusals_by_claim ON refusals (claim);
CREATE INDEX refusals_by_letter ON refusals (letter);
CREATE INDEX refusals_by_time ON refusals (at);
