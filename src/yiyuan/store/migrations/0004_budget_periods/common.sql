-- Why: a token has budgets per day, per month and per model beside the one in total. Each
-- says since when it counts: those that are here already are budgets in total, from the
-- beginning on. A refund now gives back what a budget has spent, so they get back what was
-- refunded before. And a token can be disabled for a while.
-- Lock: the small tables budgets and api_tokens. Duration: milliseconds, and a look at each
-- refund that was ever made.
--
-- What is added has defaults, so that servers of the release before can go on writing.

ALTER TABLE budgets ADD COLUMN period TEXT NOT NULL DEFAULT 'total'
    CHECK (period IN ('total', 'day', 'month'));
ALTER TABLE budgets ADD COLUMN model TEXT;
ALTER TABLE budgets ADD COLUMN counted_since INTEGER NOT NULL DEFAULT 0;
CREATE INDEX budgets_api_token ON budgets (api_token_id);

UPDATE budgets SET spent = CASE WHEN spent > back.amount THEN spent - back.amount ELSE 0 END
FROM (
    SELECT u.api_token_id, sum(r.amount) AS amount
    FROM entries r JOIN usage u ON u.request_id = substr(r.idem_key, 8)
    WHERE r.idem_key >= 'refund:' AND r.idem_key < 'refund;' AND r.kind = 'refund'
    GROUP BY u.api_token_id
) AS back
WHERE back.api_token_id = budgets.api_token_id;

ALTER TABLE api_tokens ADD COLUMN disabled_at INTEGER;
CREATE INDEX api_tokens_replaced_by ON api_tokens (replaced_by) WHERE replaced_by IS NOT NULL;
