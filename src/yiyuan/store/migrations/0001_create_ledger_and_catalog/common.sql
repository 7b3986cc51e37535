-- Why: the first schema. Accounts, their entries and open holds; what each request
-- used; and the catalog that the operator describes.
-- Lock: none, the database is empty. Duration: milliseconds.
--
-- Money is INTEGER micros (1 元 = 1,000,000), times are wall-clock milliseconds,
-- flags are 0 or 1. The rules of money are stated here a second time, below the
-- code: what these CHECKs and UNIQUEs refuse is a fault, and stops the process.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) /*sqlite STRICT*/;

-- One row per start of a ledger writer; holds name the epoch that opened them.
CREATE TABLE epochs (
    epoch      INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER
) /*sqlite STRICT*/;

---------------------------------------------------------------- ledger

CREATE TABLE accounts (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    posted        INTEGER NOT NULL CHECK (posted >= 0),
    held          INTEGER NOT NULL CHECK (held >= 0 AND held <= posted),
    seq           INTEGER NOT NULL CHECK (seq >= 0),
    last_entry_at INTEGER NOT NULL,
    suspended_at  INTEGER,
    created_at    INTEGER NOT NULL
) /*sqlite STRICT*/;

-- One row is one transfer: the account on one side, a named contra on the other.
-- `id` is made of account and seq, so UNIQUE (account_id, seq) makes it unique too.
-- `at` never goes back within an account, so (account_id, seq) finds times as well:
-- a second index by time would cost a third of the whole posting.
CREATE TABLE entries (
    id            TEXT NOT NULL,
    account_id    TEXT NOT NULL,
    seq           INTEGER NOT NULL CHECK (seq > 0),
    kind          TEXT NOT NULL CHECK (kind = 'charge' OR kind IN
        ('topup', 'redeem', 'grant', 'adjust', 'recovered', 'refund', 'reversal')),
    amount        INTEGER NOT NULL CHECK (amount <> 0),
    balance_after INTEGER NOT NULL CHECK (balance_after >= 0),
    contra        TEXT NOT NULL CHECK (contra = 'revenue' OR contra IN
        ('cash', 'promo', 'adjust')),
    request_id    TEXT,
    idem_key      TEXT,
    actor         TEXT NOT NULL,
    memo          TEXT NOT NULL,
    at            INTEGER NOT NULL,
    UNIQUE (account_id, seq),
    CHECK ((kind IN ('charge', 'recovered')) = (request_id IS NOT NULL))
) /*sqlite STRICT*/;
-- A request is charged at most once, a keyed posting is made at most once.
CREATE UNIQUE INDEX entries_request ON entries (request_id) WHERE request_id IS NOT NULL;
CREATE UNIQUE INDEX entries_idem_key ON entries (idem_key) WHERE idem_key IS NOT NULL;

-- Only open holds: a row is deleted in the transaction that ends its request, so
-- the table is as large as what is in flight.
CREATE TABLE holds (
    request_id       TEXT PRIMARY KEY,
    account_id       TEXT NOT NULL,
    api_token_id     TEXT NOT NULL,
    model            TEXT NOT NULL,
    price_id         TEXT NOT NULL,
    price_factor_ppm INTEGER NOT NULL CHECK (price_factor_ppm >= 0),
    amount           INTEGER NOT NULL CHECK (amount >= 0),
    input_bound      INTEGER NOT NULL CHECK (input_bound >= 0),
    output_bound     INTEGER NOT NULL CHECK (output_bound >= 0),
    started          INTEGER NOT NULL CHECK (started IN (0, 1)),
    input_count      INTEGER NOT NULL CHECK (input_count >= 0),
    progress_output  INTEGER NOT NULL CHECK (progress_output >= 0),
    budget_ids       TEXT NOT NULL,
    epoch            INTEGER NOT NULL,
    opened_at        INTEGER NOT NULL,
    deadline         INTEGER NOT NULL
) /*sqlite STRICT*/;

-- A limit may be lowered below what is spent; then nothing more is admitted.
CREATE TABLE budgets (
    id           TEXT PRIMARY KEY,
    api_token_id TEXT NOT NULL,
    limit_micros INTEGER CHECK (limit_micros >= 0),
    spent        INTEGER NOT NULL CHECK (spent >= 0),
    held         INTEGER NOT NULL CHECK (held >= 0)
) /*sqlite STRICT*/;

-- One row per metered request that was held, no text of prompt or answer.
CREATE TABLE usage (
    request_id            TEXT PRIMARY KEY,
    account_id            TEXT NOT NULL,
    api_token_id          TEXT NOT NULL,
    model                 TEXT NOT NULL,
    endpoint              TEXT NOT NULL,
    channel_id            TEXT,
    upstream_model        TEXT,
    price_id              TEXT NOT NULL,
    price_factor_ppm      INTEGER NOT NULL,
    input_tokens          INTEGER NOT NULL CHECK (input_tokens >= 0),
    cached_input_tokens   INTEGER NOT NULL CHECK (cached_input_tokens >= 0),
    cache_write_tokens    INTEGER NOT NULL CHECK (cache_write_tokens >= 0),
    cache_write_1h_tokens INTEGER NOT NULL CHECK (cache_write_1h_tokens >= 0),
    output_tokens         INTEGER NOT NULL CHECK (output_tokens >= 0),
    reasoning_tokens      INTEGER NOT NULL CHECK (reasoning_tokens >= 0),
    source                TEXT NOT NULL CHECK (source = 'upstream' OR source IN ('counted', 'none')),
    outcome               TEXT NOT NULL,
    status                INTEGER,
    charge                INTEGER NOT NULL CHECK (charge >= 0 AND charge <= hold_amount),
    hold_amount           INTEGER NOT NULL,
    shortfall             INTEGER NOT NULL CHECK (shortfall >= 0),
    upstream_cost         INTEGER,
    streamed              INTEGER NOT NULL CHECK (streamed IN (0, 1)),
    first_byte_ms         INTEGER,
    total_ms              INTEGER,
    attempts              INTEGER NOT NULL,
    client_request_id     TEXT,
    upstream_request_id   TEXT,
    admitted_at           INTEGER NOT NULL,
    ended_at              INTEGER NOT NULL
) /*sqlite STRICT*/;
CREATE INDEX usage_account_admitted ON usage (account_id, admitted_at);

-- Each call to an upstream, with its cause of failure and what it cost the operator.
CREATE TABLE attempts (
    request_id          TEXT NOT NULL,
    n                   INTEGER NOT NULL,
    channel_id          TEXT NOT NULL,
    key_id              TEXT,
    outcome             TEXT NOT NULL,
    status              INTEGER,
    upstream_request_id TEXT,
    upstream_cost       INTEGER,
    ms                  INTEGER,
    PRIMARY KEY (request_id, n)
) /*sqlite STRICT, WITHOUT ROWID*/;

---------------------------------------------------------------- catalog

-- Immutable: a changed price is a new row, and open holds and old usage keep theirs.
CREATE TABLE prices (
    id         TEXT PRIMARY KEY,
    model      TEXT NOT NULL,
    document   TEXT NOT NULL,
    created_at INTEGER NOT NULL
) /*sqlite STRICT*/;
CREATE INDEX prices_model ON prices (model);

CREATE TABLE models (
    name              TEXT PRIMARY KEY,
    price_id          TEXT NOT NULL REFERENCES prices (id),
    rpm               INTEGER CHECK (rpm > 0),
    tpm               INTEGER CHECK (tpm > 0),
    concurrency       INTEGER CHECK (concurrency > 0),
    context_tokens    INTEGER CHECK (context_tokens > 0),
    max_output_tokens INTEGER CHECK (max_output_tokens > 0),
    image_tokens      INTEGER NOT NULL DEFAULT 6000 CHECK (image_tokens >= 0),
    input_factor_ppm  INTEGER NOT NULL DEFAULT 1000000 CHECK (input_factor_ppm > 0),
    enabled           INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    position          INTEGER NOT NULL DEFAULT 0
) /*sqlite STRICT*/;

CREATE TABLE tiers (
    min_balance      INTEGER PRIMARY KEY CHECK (min_balance >= 0),
    rate_ppm         INTEGER NOT NULL CHECK (rate_ppm > 0),
    price_factor_ppm INTEGER NOT NULL DEFAULT 1000000 CHECK (price_factor_ppm >= 0)
) /*sqlite STRICT*/;

CREATE TABLE channels (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    provider        TEXT NOT NULL,
    base_url        TEXT NOT NULL,
    priority        INTEGER NOT NULL DEFAULT 0,
    weight          INTEGER NOT NULL DEFAULT 1 CHECK (weight >= 0),
    timeout_seconds REAL NOT NULL DEFAULT 600 CHECK (timeout_seconds > 0),
    proxy           TEXT,
    headers         TEXT NOT NULL DEFAULT '{}',
    allow_private   INTEGER NOT NULL DEFAULT 0 CHECK (allow_private IN (0, 1)),
    on_disconnect   TEXT NOT NULL DEFAULT 'cancel' CHECK (on_disconnect IN ('cancel', 'drain')),
    stream_usage    INTEGER NOT NULL DEFAULT 1 CHECK (stream_usage IN (0, 1)),
    enabled         INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at      INTEGER NOT NULL
) /*sqlite STRICT*/;

-- A key is stored sealed (encrypted). `source` is the variable that it was read from
-- when the catalog was applied, so that an export can name it again.
CREATE TABLE channel_keys (
    id         TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels (id),
    position   INTEGER NOT NULL,
    sealed     BLOB NOT NULL,
    source     TEXT,
    hint       TEXT NOT NULL
) /*sqlite STRICT*/;
CREATE INDEX channel_keys_channel ON channel_keys (channel_id, position);

CREATE TABLE channel_models (
    channel_id         TEXT NOT NULL REFERENCES channels (id),
    model              TEXT NOT NULL,
    upstream_model     TEXT NOT NULL,
    native_completions INTEGER NOT NULL DEFAULT 0 CHECK (native_completions IN (0, 1)),
    cost_document      TEXT,
    position           INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (channel_id, model)
) /*sqlite STRICT*/;

-- The credential itself is never stored, only its keyed hash and a masked hint.
CREATE TABLE api_tokens (
    id             TEXT PRIMARY KEY,
    account_id     TEXT NOT NULL REFERENCES accounts (id),
    name           TEXT NOT NULL,
    hash           BLOB NOT NULL UNIQUE,
    hint           TEXT NOT NULL,
    models         TEXT,
    networks       TEXT,
    rpm            INTEGER CHECK (rpm > 0),
    expires_at     INTEGER,
    clamp_explicit INTEGER NOT NULL DEFAULT 0 CHECK (clamp_explicit IN (0, 1)),
    created_at     INTEGER NOT NULL,
    revoked_at     INTEGER,
    replaced_by    TEXT
) /*sqlite STRICT*/;
CREATE INDEX api_tokens_account ON api_tokens (account_id);
