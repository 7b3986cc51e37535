-- Why: a key of a channel may have a time after which it is not used, and may come from a
-- file that others change; what is sealed is then the file's last content.
-- Lock: the small table channel_keys. Duration: milliseconds.

ALTER TABLE channel_keys ADD COLUMN file TEXT;
ALTER TABLE channel_keys ADD COLUMN expires_at INTEGER;
