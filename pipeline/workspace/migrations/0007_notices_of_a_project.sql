-- Two projects may say the same word for word to the same person on the same day: each is a notice of its own.
CREATE TABLE notices_of_projects (
    project TEXT NOT NULL,          -- code; 退回 for files that went back, empty for the daily digest
    key TEXT NOT NULL,              -- SHA-256 of content, recipient, topic and turn
    mail INTEGER NOT NULL REFERENCES mail (id),
    kind TEXT NOT NULL,
    section TEXT NOT NULL,          -- JSON: what the templates print
    PRIMARY KEY (project, key)
) STRICT;
INSERT INTO notices_of_projects (project, key, mail, kind, section)
SELECT mail.project, told.key, told.mail, told.kind, told.section
FROM mail_notices AS told JOIN mail ON mail.id = told.mail ORDER BY told.rowid;

-- What another project's letter swallowed counts as not told: it goes out with the project's next run, to those
-- who have not heard of it (the turn makes the keys of the others what they were).
UPDATE mail_topics SET content = '', turn = turn - 1
WHERE content <> '' AND EXISTS (
    SELECT 1 FROM (SELECT DISTINCT recipient FROM mail) AS person
    JOIN notices_of_projects AS told ON told.key = notice_key_3(content, person.recipient, topic, turn)
    WHERE told.project NOT IN (mail_topics.project, '')
);

DROP TABLE mail_notices;
ALTER TABLE notices_of_projects RENAME TO mail_notices;
CREATE INDEX mail_notices_by_mail ON mail_notices (mail);
