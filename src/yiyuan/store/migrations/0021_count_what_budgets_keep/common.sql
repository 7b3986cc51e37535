-- Why: what a budget has spent is proved exactly, from the charges that it counted. Two
-- kinds of charge could only be bounded: those from before charges noted their budgets,
-- whose period was told from clocks with an hour to spare, and those of requests that have
-- expired. What a budget counts still and no row of usage tells is a sum of its own now.
-- Lock: none; the new table. Duration: one reading of usage and of refunds.
--
-- A row counts as long as the budget's period is the one of `counted_since`. What follows
-- in each engine's own script: a trigger adds what goes out of usage, so that servers of
-- the release before, which know nothing of this, can go on deleting.
CREATE TABLE budget_remainders (
    budget_id     TEXT PRIMARY KEY,
    counted_since INTEGER NOT NULL,
    amount        INTEGER NOT NULL
) /*sqlite STRICT*/;
