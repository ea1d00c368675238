-- Why each project was run, or was not, the last time it was looked at.
CREATE TABLE decisions (
    code TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    as_of TEXT NOT NULL,
    ran INTEGER NOT NULL,
    reasons TEXT NOT NULL      -- JSON list of sentences
) STRICT;
