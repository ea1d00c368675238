-- The outbox. A letter is here, whole, before anything is sent; its enclosures lie in the workspace under their hashes.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY,
    recipient TEXT NOT NULL,        -- the one address of its envelope
    who TEXT NOT NULL,              -- for people: 陆子昂(项目经理)
    project TEXT NOT NULL,          -- code; empty for the daily digest
    state TEXT NOT NULL CHECK (state IN ('held', 'queued', 'sending', 'sent', 'unsure', 'failed', 'cancelled')),
    letter TEXT NOT NULL,           -- JSON: subject, text, html, enclosures
    message_id TEXT NOT NULL UNIQUE,
    made_at TEXT NOT NULL,          -- UTC, ISO 8601, as all times here
    due_at TEXT NOT NULL,           -- not before: quiet period, back-off
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at TEXT,                   -- handed over, or lost after DATA
    said TEXT NOT NULL DEFAULT '',  -- last answer of the server, or why it waits
    part_of INTEGER REFERENCES mail (id)
) STRICT;
CREATE INDEX mail_by_state ON mail (state, due_at);
CREATE INDEX mail_by_person ON mail (recipient, project, sent_at);

-- What a letter tells: one notice for each kind. The key is never made twice, so nothing is mailed twice.
CREATE TABLE mail_notices (
    key TEXT PRIMARY KEY,           -- SHA-256 of content, recipient, kind and turn
    mail INTEGER NOT NULL REFERENCES mail (id),
    kind TEXT NOT NULL,
    section TEXT NOT NULL           -- JSON: what the templates print
) STRICT;
CREATE INDEX mail_notices_by_mail ON mail_notices (mail);

-- What was last told about a topic: the same is not told again, and the next letter says what has changed.
CREATE TABLE mail_topics (
    project TEXT NOT NULL,
    topic TEXT NOT NULL,            -- kind, or kind and person
    content TEXT NOT NULL,          -- SHA-256 of what it says
    inputs TEXT NOT NULL,           -- SHA-256 of the values that staff gave
    program TEXT NOT NULL,          -- code, templates and settings that made it
    turn INTEGER NOT NULL,          -- how often the content has changed
    said TEXT NOT NULL,             -- JSON: for the comparison
    PRIMARY KEY (project, topic)
) STRICT;

-- Every change of a letter's state, never changed or deleted.
CREATE TABLE mail_events (
    id INTEGER PRIMARY KEY,
    mail INTEGER NOT NULL REFERENCES mail (id),
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    said TEXT NOT NULL
) STRICT;
CREATE INDEX mail_events_by_mail ON mail_events (mail);
