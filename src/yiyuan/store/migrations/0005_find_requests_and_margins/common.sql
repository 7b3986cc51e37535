-- Why: operators look for single requests, refused ones too, and for what is left of the
-- revenue. The latest refusals are kept whole, all of them are counted by the minute, and a
-- day of expired requests says which part of its charge has a known cost.
-- Lock: usage_days for the new column. Duration: milliseconds, and a look at each entry that
-- is no charge.
--
-- What is added has defaults, so that servers of the release before can go on writing.

ALTER TABLE usage_days ADD COLUMN costed_charge INTEGER;

-- Requests that ended with an error. Those that got a hold are rows of `usage` as well.
CREATE TABLE refusals (
    request_id   TEXT PRIMARY KEY,
    at           INTEGER NOT NULL,
    account_id   TEXT,
    api_token_id TEXT,
    model        TEXT NOT NULL,
    endpoint     TEXT NOT NULL,
    status       INTEGER NOT NULL,
    code         TEXT NOT NULL,
    total_ms     INTEGER NOT NULL
) /*sqlite STRICT*/;
CREATE INDEX refusals_at ON refusals (at);

-- How many of them a minute had; an empty account is one that is not known.
CREATE TABLE refusal_minutes (
    minute     INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    model      TEXT NOT NULL,
    code       TEXT NOT NULL,
    count      INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (minute, account_id, model, code)
) /*sqlite STRICT, WITHOUT ROWID*/;

-- Money that comes in or is corrected, by time, across all accounts. Charges are left out:
-- they are most of the rows, and an index of them all would cost a third of each posting.
CREATE INDEX entries_not_charges ON entries (at) WHERE kind <> 'charge';
