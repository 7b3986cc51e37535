-- Why: which budgets counted a charge, and in which of their periods, is noted with the
-- charge. From times alone it cannot be told: clocks are set back, and nodes' clocks differ.
--
-- `counted` is a JSON object, budget -> since when it was counting; NULL where none counted.
-- Rows that are older than this have '?': for them it is told from their times, as before.
-- `counted_at` is the latest of those periods' beginnings, where there is one.
ALTER TABLE usage ADD COLUMN counted TEXT DEFAULT '?';
ALTER TABLE usage ADD COLUMN counted_at INTEGER;

-- Its reader: the proof that a budget of a day or month has spent what was counted in it.
CREATE INDEX usage_counted ON usage (account_id, counted_at) WHERE counted_at IS NOT NULL;
