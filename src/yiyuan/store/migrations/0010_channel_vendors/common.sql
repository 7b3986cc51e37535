-- Why: a channel may say in which formats it is asked, what its vendor does differently and
-- which further fields are sent on. Empty is what a channel had before: its vendor's own.
-- Lock: the small table channels. Duration: milliseconds.

ALTER TABLE channels ADD COLUMN speaks TEXT NOT NULL DEFAULT '[]';
ALTER TABLE channels ADD COLUMN quirks TEXT NOT NULL DEFAULT '{}';
ALTER TABLE channels ADD COLUMN pass_fields TEXT NOT NULL DEFAULT '[]';
