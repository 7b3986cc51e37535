-- Why: history grows, and what must be read and kept of it should not. Requests expire
-- after a setting and live on as sums by day; an audit remembers what it has proved.
-- Lock: none, new tables only. Duration: milliseconds.

-- What the expired requests of one UTC day (of admission) come to, by everything that a
-- report may ask for. A request is either a row of `usage` or counted here, never both:
-- one transaction moves it.
CREATE TABLE usage_days (
    account_id            TEXT NOT NULL,
    day                   INTEGER NOT NULL,
    api_token_id          TEXT NOT NULL,
    model                 TEXT NOT NULL,
    endpoint              TEXT NOT NULL,
    outcome               TEXT NOT NULL,
    is_error              INTEGER NOT NULL CHECK (is_error IN (0, 1)),
    requests              INTEGER NOT NULL CHECK (requests > 0),
    charged               INTEGER NOT NULL CHECK (charged >= 0 AND charged <= requests),
    input_tokens          INTEGER NOT NULL CHECK (input_tokens >= 0),
    cached_input_tokens   INTEGER NOT NULL CHECK (cached_input_tokens >= 0),
    cache_write_tokens    INTEGER NOT NULL CHECK (cache_write_tokens >= 0),
    cache_write_1h_tokens INTEGER NOT NULL CHECK (cache_write_1h_tokens >= 0),
    output_tokens         INTEGER NOT NULL CHECK (output_tokens >= 0),
    reasoning_tokens      INTEGER NOT NULL CHECK (reasoning_tokens >= 0),
    charge                INTEGER NOT NULL CHECK (charge >= 0),
    shortfall             INTEGER NOT NULL CHECK (shortfall >= 0),
    upstream_cost         INTEGER,
    PRIMARY KEY (account_id, day, api_token_id, model, endpoint, outcome, is_error)
) /*sqlite STRICT, WITHOUT ROWID*/;

-- Up to which entry an account's books were proved right, and what was read: the next
-- audit goes on from there. `digest` is a chain over all entries up to `seq`.
CREATE TABLE checkpoints (
    account_id TEXT PRIMARY KEY,
    seq        INTEGER NOT NULL CHECK (seq >= 0),
    balance    INTEGER NOT NULL CHECK (balance >= 0),
    entry_at   INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    usage_from INTEGER NOT NULL,
    checked_at INTEGER NOT NULL
) /*sqlite STRICT, WITHOUT ROWID*/;

-- Whose turn it is to do what only one process at a time should do, and until when.
CREATE TABLE turns (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    ends_at    INTEGER NOT NULL
) /*sqlite STRICT, WITHOUT ROWID*/;
