-- Files under a known code that may belong to another project, and the names by which that is seen.
ALTER TABLE inputs ADD COLUMN customer TEXT;                         -- as in the workbook; NULL: not looked at
ALTER TABLE inputs ADD COLUMN uscc TEXT;                             -- the customer's credit code, likewise
-- 1: its names are the project's own; 0: nothing vouched for them; -1: they were, before others were confirmed
ALTER TABLE inputs ADD COLUMN speaks INTEGER NOT NULL DEFAULT 1;

CREATE TABLE doubts (
    id INTEGER PRIMARY KEY,
    claim TEXT NOT NULL,       -- of the file, or of the zip that it came in
    department TEXT NOT NULL,  -- folder of the department below the inbox; empty for the inbox itself
    file TEXT NOT NULL,        -- as it was dropped; of a member of a zip 资料.zip/费用.xlsx
    project TEXT NOT NULL,
    slot TEXT NOT NULL,        -- as in inputs, with the four below
    sha256 TEXT NOT NULL REFERENCES contents,
    name TEXT NOT NULL,
    project_name TEXT NOT NULL,
    filled_by TEXT NOT NULL,
    customer TEXT NOT NULL,
    uscc TEXT NOT NULL,
    why TEXT NOT NULL,         -- what differs, in Chinese
    state TEXT NOT NULL CHECK (state IN ('held', 'taken', 'confirmed', 'withdrawn')),
    at TEXT NOT NULL,          -- UTC
    settled TEXT NOT NULL DEFAULT '',  -- who decided, and why
    letter TEXT NOT NULL CHECK (letter IN ('due', 'made', 'none'))  -- none: taken in by a run without mail
) STRICT;
CREATE INDEX doubts_by_project ON doubts (project, state);
CREATE INDEX doubts_by_claim ON doubts (claim);
CREATE INDEX doubts_by_letter ON doubts (letter);

CREATE TABLE claims_now (
    id TEXT PRIMARY KEY,
    department TEXT NOT NULL,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'same', 'returned', 'held')),
    target TEXT NOT NULL,
    message TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    moved INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT -1,
    changed INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO claims_now (id, department, source, sha256, verdict, target, message, decided_at, moved, size, changed)
SELECT id, department, source, sha256, verdict, target, message, decided_at, moved, size, changed FROM claims;
DROP TABLE claims;
ALTER TABLE claims_now RENAME TO claims;
CREATE INDEX claims_by_time ON claims (decided_at);
