-- Why: the console. Who may sign in and to what, one-time links, redemption codes,
-- keys for scripts, the operator's own settings, and what operators did.
-- Lock: new tables, and a column with a constant default. Duration: milliseconds.

-- A person. `operator_role` is NULL for customers. The password is an argon2id hash,
-- the TOTP secret is sealed like upstream keys are; `totp_step` is the last one used,
-- so that a code that was seen cannot be used again.
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    operator_role TEXT CHECK (operator_role IN ('owner', 'finance', 'support', 'readonly')),
    language      TEXT,
    zone          TEXT,
    low_balance   INTEGER CHECK (low_balance >= 0),
    totp_sealed   BLOB,
    totp_on       INTEGER NOT NULL DEFAULT 0 CHECK (totp_on IN (0, 1)),
    totp_step     INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    last_seen_at  INTEGER
) /*sqlite STRICT*/;

CREATE TABLE recovery_codes (
    hash    BLOB PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    used_at INTEGER
) /*sqlite STRICT*/;
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

CREATE TABLE members (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    user_id    TEXT NOT NULL REFERENCES users (id),
    since      INTEGER NOT NULL,
    PRIMARY KEY (account_id, user_id)
) /*sqlite STRICT, WITHOUT ROWID*/;
CREATE INDEX members_user ON members (user_id);

-- Found by the hash of what the cookie holds.
CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    hash         BLOB NOT NULL UNIQUE,
    user_id      TEXT NOT NULL REFERENCES users (id),
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    address      TEXT NOT NULL,
    agent        TEXT NOT NULL
) /*sqlite STRICT*/;
CREATE INDEX sessions_user ON sessions (user_id);

-- Each works once: `used_at` is set by the one who was first.
CREATE TABLE one_time_links (
    hash       BLOB PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('operator', 'invite', 'reset')),
    user_id    TEXT,
    account_id TEXT,
    role       TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) /*sqlite STRICT*/;

-- Bearers for `/api`, never for `/v1`.
CREATE TABLE management_keys (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    hash         BLOB NOT NULL UNIQUE,
    hint         TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('owner', 'finance', 'support', 'readonly')),
    networks     TEXT,
    created_by   TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER
) /*sqlite STRICT*/;

CREATE TABLE code_batches (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    value       INTEGER NOT NULL CHECK (value > 0),
    size        INTEGER NOT NULL CHECK (size > 0),
    per_account INTEGER CHECK (per_account > 0),
    expires_at  INTEGER,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) /*sqlite STRICT*/;

-- A code belongs to whoever claims it first; the ledger's `redeem` entry, whose key is
-- made of the hash (in hex, so that they join), follows the claim. `claimed_n` numbers an account's claims of one
-- batch, so that two at once cannot both be the last that it may have.
CREATE TABLE redeem_codes (
    hash       TEXT PRIMARY KEY,
    batch_id   TEXT NOT NULL REFERENCES code_batches (id),
    claimed_by TEXT,
    claimed_n  INTEGER,
    claimed_at INTEGER,
    UNIQUE (batch_id, claimed_by, claimed_n),
    CHECK ((claimed_by IS NULL) = (claimed_n IS NULL)),
    CHECK ((claimed_by IS NULL) = (claimed_at IS NULL))
) /*sqlite STRICT*/;

-- What operators set in the console; what is not here has its default.
CREATE TABLE site_settings (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) /*sqlite STRICT*/;

-- What operators remember of an account, and the tier that they promised it.
CREATE TABLE account_profiles (
    account_id       TEXT PRIMARY KEY REFERENCES accounts (id),
    notes            TEXT NOT NULL DEFAULT '',
    tier_min_balance INTEGER CHECK (tier_min_balance >= 0)
) /*sqlite STRICT*/;

-- Every action of an operator or a management key; `details` is JSON without secrets.
CREATE TABLE audit_log (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    address    TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    reason     TEXT NOT NULL,
    details    TEXT NOT NULL,
    request_id TEXT NOT NULL
) /*sqlite STRICT*/;

-- A price that is to hold from a later time on; the model's own row stays as it is
-- until then.
CREATE TABLE price_changes (
    model        TEXT NOT NULL REFERENCES models (name),
    price_id     TEXT NOT NULL REFERENCES prices (id),
    effective_at INTEGER NOT NULL,
    applied_at   INTEGER,
    PRIMARY KEY (model, effective_at)
) /*sqlite STRICT, WITHOUT ROWID*/;

-- A key that the console made for itself (the playground): in no list, and short-lived.
ALTER TABLE api_tokens ADD COLUMN is_internal INTEGER NOT NULL DEFAULT 0
    CHECK (is_internal IN (0, 1));
