-- Why: keys of a channel can be let run dry: a draining one is used only where no other can be.

ALTER TABLE channel_keys ADD COLUMN draining INTEGER NOT NULL DEFAULT 0;
