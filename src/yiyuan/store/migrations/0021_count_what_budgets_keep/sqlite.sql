-- What there is of such charges now: the difference between what a budget says and what its
-- rows tell, if it is no more than those charges can make. Any other difference is a fault
-- that the proof shall find.
INSERT INTO budget_remainders (budget_id, counted_since, amount)
WITH back AS (
    SELECT substr(idem_key, 8) AS request_id, amount FROM entries
    WHERE idem_key >= 'refund:' AND idem_key < 'refund;' AND kind = 'refund'
),
noted AS (
    SELECT b.id, sum(u.charge - coalesce(back.amount, 0)) AS amount
    FROM usage u LEFT JOIN back ON back.request_id = u.request_id
    CROSS JOIN json_each(CASE WHEN u.counted = '?' THEN '{}' ELSE coalesce(u.counted, '{}') END) AS note
    JOIN budgets b ON b.id = note.key AND b.counted_since = note.value
    WHERE u.counted <> '?' AND u.counted IS NOT NULL GROUP BY b.id
),
old AS (
    SELECT b.id,
        sum(CASE WHEN u.admitted_at >= b.counted_since
            THEN u.charge - coalesce(back.amount, 0) ELSE 0 END) AS amount,
        sum(CASE WHEN u.admitted_at >= b.counted_since + 60000 THEN u.charge ELSE 0 END) AS least,
        sum(u.charge) AS most,
        sum(CASE WHEN u.admitted_at >= b.counted_since
            THEN coalesce(back.amount, 0) ELSE 0 END) AS back
    FROM budgets b
    JOIN usage u ON u.api_token_id = b.api_token_id AND (b.model IS NULL OR b.model = u.model)
        AND u.admitted_at >= b.counted_since - 3600000
    LEFT JOIN back ON back.request_id = u.request_id
    WHERE u.counted = '?' GROUP BY b.id
),
expired AS (
    SELECT b.id, sum(u.charge) AS most
    FROM usage_days u JOIN api_tokens t ON t.id = u.api_token_id
    JOIN budgets b ON b.api_token_id IN (t.id, 'member:' || t.account_id || ':' || t.user_id)
    WHERE (b.model IS NULL OR b.model = u.model) AND (u.day + 1) * 86400000 > b.counted_since
    GROUP BY b.id
),
made AS (
    SELECT b.id, b.counted_since, b.spent,
        coalesce(noted.amount, 0) + coalesce(old.amount, 0) AS amount,
        coalesce(noted.amount, 0) + coalesce(old.least, 0) - coalesce(old.back, 0) AS least,
        coalesce(noted.amount, 0) + coalesce(old.most, 0) - coalesce(old.back, 0)
            + coalesce(expired.most, 0) AS most
    FROM budgets b LEFT JOIN noted ON noted.id = b.id LEFT JOIN old ON old.id = b.id
    LEFT JOIN expired ON expired.id = b.id
    WHERE b.limit_micros IS NOT NULL
)
SELECT id, counted_since, spent - amount FROM made
WHERE spent <> amount
    AND spent >= CASE WHEN least > 0 THEN least ELSE 0 END
    AND spent <= CASE WHEN most > 0 THEN most ELSE 0 END;

CREATE TRIGGER usage_leaves_what_budgets_keep AFTER DELETE ON usage
BEGIN
    INSERT INTO budget_remainders (budget_id, counted_since, amount)
    SELECT b.id, b.counted_since, OLD.charge - coalesce((
        SELECT r.amount FROM entries r
        WHERE r.idem_key = 'refund:' || OLD.request_id AND r.kind = 'refund'
    ), 0)
    FROM json_each(CASE WHEN OLD.counted = '?' THEN '{}' ELSE coalesce(OLD.counted, '{}') END) AS note
    JOIN budgets b ON b.id = note.key AND b.counted_since = note.value
    WHERE OLD.charge > 0
    ON CONFLICT (budget_id) DO UPDATE SET
        amount = excluded.amount + CASE
            WHEN budget_remainders.counted_since = excluded.counted_since
            THEN budget_remainders.amount ELSE 0 END,
        counted_since = excluded.counted_since;
    INSERT INTO budget_remainders (budget_id, counted_since, amount)
    SELECT b.id, b.counted_since, OLD.charge - coalesce((
        SELECT r.amount FROM entries r
        WHERE r.idem_key = 'refund:' || OLD.request_id AND r.kind = 'refund'
    ), 0)
    FROM budgets b
    WHERE OLD.counted = '?' AND OLD.charge > 0 AND b.api_token_id = OLD.api_token_id
        AND (b.model IS NULL OR b.model = OLD.model) AND OLD.admitted_at >= b.counted_since
    ON CONFLICT (budget_id) DO UPDATE SET
        amount = excluded.amount + CASE
            WHEN budget_remainders.counted_since = excluded.counted_since
            THEN budget_remainders.amount ELSE 0 END,
        counted_since = excluded.counted_since;
END;
