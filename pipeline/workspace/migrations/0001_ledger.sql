-- What belongs to the ledger itself. Every later table has a script of its own.
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,          -- UTC, ISO 8601
    what TEXT NOT NULL         -- made, migrated, restored: what an operator may want to know in ten years
) STRICT;
