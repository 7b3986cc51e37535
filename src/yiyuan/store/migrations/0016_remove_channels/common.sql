-- Why: a channel can be removed and its name used again, while its requests, costs and
-- tries go on naming it: the row stays, without keys and models, under another name.
-- Lock: the small table channels. Duration: milliseconds.

ALTER TABLE channels ADD COLUMN removed_at INTEGER;
