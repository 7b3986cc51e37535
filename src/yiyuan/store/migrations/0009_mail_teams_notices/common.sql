-- Why: people prove their mailbox before they get an account, work in teams, and are told
-- what matters. Counters that all nodes share, codes by mail, gifts that are given once,
-- invitations to sign up, roles of members, and the notices.
-- Lock: new tables, and columns with constant defaults. Duration: milliseconds.

-- How often something happened in a window that began at `window_start`.
CREATE TABLE counters (
    name         TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    n            INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (name, window_start)
) /*sqlite STRICT, WITHOUT ROWID*/;
CREATE INDEX counters_ends_at ON counters (ends_at);

-- A mail with six digits and a link. Either works once; a newer one ends the older.
-- Digits are tried at most five times, and only by the browser that asked for them.
-- `is_dead` rows belong to mails that say something else (there is an account already):
-- they are written so that nothing is faster for one address than for another.
CREATE TABLE mail_codes (
    id              TEXT PRIMARY KEY,
    purpose         TEXT NOT NULL CHECK (purpose IN
        ('sign_up', 'reset', 'new_email', 'undo_email', 'sign_in')),
    email           TEXT NOT NULL,
    user_id         TEXT,
    code_hash       BLOB NOT NULL,
    link_hash       BLOB NOT NULL UNIQUE,
    browser_hash    BLOB NOT NULL,
    invitation_hash BLOB,
    tries           INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    used_at         INTEGER,
    is_dead         INTEGER NOT NULL DEFAULT 0 CHECK (is_dead IN (0, 1))
) /*sqlite STRICT*/;
CREATE INDEX mail_codes_email ON mail_codes (email, purpose);
CREATE INDEX mail_codes_expires_at ON mail_codes (expires_at);

-- Who had the gift, as a keyed hash of the canonical mailbox (or of an identity). Never
-- deleted: who deletes an account and returns does not get it again. The ledger's entry
-- follows, under a key made of the mark.
CREATE TABLE grant_marks (
    mark       TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    at         INTEGER NOT NULL
) /*sqlite STRICT*/;

-- Codes with which strangers may sign up where an invitation is needed.
CREATE TABLE sign_up_codes (
    hash       BLOB PRIMARY KEY,
    name       TEXT NOT NULL,
    uses_max   INTEGER NOT NULL CHECK (uses_max > 0),
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0 AND used <= uses_max),
    gift       INTEGER CHECK (gift >= 0),
    expires_at INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER
) /*sqlite STRICT*/;

-- Whoever was a member could do everything.
ALTER TABLE members ADD COLUMN role TEXT NOT NULL DEFAULT 'owner'
    CHECK (role IN ('owner', 'billing', 'developer', 'viewer'));

-- That a person has proven their mailbox, and to which version of the terms they agreed.
ALTER TABLE users ADD COLUMN email_verified_at INTEGER;
ALTER TABLE users ADD COLUMN consent_version TEXT;
ALTER TABLE users ADD COLUMN consent_at INTEGER;

-- Something that happened, written in the transaction that caused it. `key` keeps what is
-- told once from being told twice.
CREATE TABLE notices (
    id         TEXT PRIMARY KEY,
    event      TEXT NOT NULL,
    account_id TEXT,
    user_id    TEXT,
    key        TEXT UNIQUE,
    data       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    spread_at  INTEGER
) /*sqlite STRICT*/;
CREATE INDEX notices_unspread ON notices (at) WHERE spread_at IS NULL;
CREATE INDEX notices_at ON notices (at);

-- Where an account (or, without one, the operators) wants to be told.
CREATE TABLE notice_sinks (
    id          TEXT PRIMARY KEY,
    account_id  TEXT REFERENCES accounts (id),
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    settings    TEXT NOT NULL,
    sealed      BLOB,
    events      TEXT NOT NULL,
    language    TEXT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    disabled_at INTEGER
) /*sqlite STRICT*/;
CREATE INDEX notice_sinks_account ON notice_sinks (account_id);

-- One notice at one sink, until it is delivered or given up.
CREATE TABLE deliveries (
    id         TEXT PRIMARY KEY,
    notice_id  TEXT NOT NULL REFERENCES notices (id),
    sink_id    TEXT NOT NULL REFERENCES notice_sinks (id),
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    tries      INTEGER NOT NULL CHECK (tries >= 0),
    next_at    INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER,
    UNIQUE (notice_id, sink_id)
) /*sqlite STRICT*/;
CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX deliveries_sink ON deliveries (sink_id, created_at);

-- On which side of a threshold something is known to be, so that each crossing is told once.
CREATE TABLE notice_levels (
    subject TEXT PRIMARY KEY,
    level   TEXT NOT NULL,
    at      INTEGER NOT NULL
) /*sqlite STRICT, WITHOUT ROWID*/;

-- Below which balance an account wants to be told; NULL is a tenth of its last top-up.
ALTER TABLE account_profiles ADD COLUMN low_balance INTEGER CHECK (low_balance >= 0);
