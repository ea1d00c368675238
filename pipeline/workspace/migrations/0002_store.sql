-- What was taken in, what counts now, and what became of each project.
CREATE TABLE contents (        -- every content that was ever stored, once
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,     -- bytes
    stored_at TEXT NOT NULL    -- UTC, ISO 8601, as everywhere below
) STRICT;

CREATE TABLE claims (          -- what was decided about one file of the inbox, before it was moved
    id TEXT PRIMARY KEY,       -- its folder below .处理中
    department TEXT NOT NULL,  -- folder of the department below the inbox; empty for the inbox itself
    source TEXT NOT NULL,      -- path below that folder, as it was dropped
    sha256 TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'same', 'returned')),
    target TEXT NOT NULL,      -- path below that folder where it goes
    message TEXT NOT NULL,     -- reason for the sender, empty when accepted
    decided_at TEXT NOT NULL,
    moved INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE inputs (          -- every version of everything a project was given
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    slot TEXT NOT NULL,        -- what a newer version replaces: plan, records/财务部/E201, 附件/合同.pdf
    version INTEGER NOT NULL,  -- from 1
    sha256 TEXT NOT NULL REFERENCES contents,
    name TEXT NOT NULL,        -- path below the project folder
    project_name TEXT NOT NULL DEFAULT '',
    filled_by TEXT NOT NULL DEFAULT '',
    claim TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    UNIQUE (project, slot, version)
) STRICT;

CREATE TABLE waiting (         -- what lies in the inbox and cannot be taken yet
    path TEXT PRIMARY KEY,     -- below the inbox
    why TEXT NOT NULL,
    since TEXT NOT NULL
) STRICT;

CREATE TABLE projects (        -- the newest finished run of each project
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    status TEXT NOT NULL,      -- ok, warnings, errors
    facts TEXT,                -- JSON, as the four below
    findings TEXT NOT NULL,
    documents TEXT NOT NULL,
    packs TEXT NOT NULL,
    inputs TEXT NOT NULL,      -- what the run depended on
    output TEXT NOT NULL,      -- folder of the run below out/
    as_of TEXT NOT NULL,
    ran_at TEXT NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    published TEXT             -- folder, once it was published
) STRICT;

CREATE TABLE failures (        -- projects whose last run could not be finished
    code TEXT PRIMARY KEY,
    message TEXT NOT NULL,
    inputs TEXT NOT NULL,
    failed_at TEXT NOT NULL
) STRICT;

CREATE TABLE reopened (        -- archived projects that may be changed again, with the word of who asked
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE TABLE runs (            -- history
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    as_of TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    taken INTEGER NOT NULL DEFAULT 0,
    returned INTEGER NOT NULL DEFAULT 0,
    ran INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE journal (         -- what happened, each line sealed with the one before it
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    digest TEXT NOT NULL       -- SHA-256 of the digest before it and of this line
) STRICT;
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal'); END;
CREATE TRIGGER journal_is_never_cut BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal'); END;
