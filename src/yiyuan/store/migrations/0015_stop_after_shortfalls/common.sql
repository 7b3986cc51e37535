-- Why: an account whose requests to a model cost more than was held, again and again, waits
-- until an operator has looked. One row for each such account and model, released or not.
-- Lock: a new table only. Duration: milliseconds.

CREATE TABLE shortfall_stops (
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    model       TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    stopped_at  INTEGER NOT NULL,
    released_at INTEGER,
    released_by TEXT,
    PRIMARY KEY (account_id, model)
) /*sqlite STRICT*/;
