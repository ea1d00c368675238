-- What each project's newest run compared, for the tables for analysis; a row of before has none until it runs again.
ALTER TABLE projects ADD COLUMN comparisons TEXT NOT NULL DEFAULT '[]';
