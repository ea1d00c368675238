-- A letter that a person lets go lives from then on, not from when it was made.
ALTER TABLE mail ADD COLUMN lives_from TEXT NOT NULL DEFAULT '';  -- UTC
UPDATE mail SET lives_from = made_at;
