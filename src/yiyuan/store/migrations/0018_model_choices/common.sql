-- Why: a model may name others that answer in its place, say whether conversations keep
-- their channel, and tell clients what it takes and how long it is there.
-- Lock: adds columns with defaults only. Duration: milliseconds.

ALTER TABLE models ADD COLUMN fallback TEXT NOT NULL DEFAULT '[]';
ALTER TABLE models ADD COLUMN affinity TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE models ADD COLUMN about TEXT NOT NULL DEFAULT '{}';
