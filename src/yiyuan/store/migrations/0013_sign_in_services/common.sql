-- Why: people sign in by other services and by passkeys. Who somebody is elsewhere is the
-- pair of service and subject, never an e-mail address; a sign-in on its way belongs to one
-- browser and works once.
-- Lock: new tables, and a column without a default. Duration: milliseconds.

-- The secrets of a service are sealed for its id.
CREATE TABLE login_providers (
    id               TEXT PRIMARY KEY,
    name             TEXT NOT NULL UNIQUE,
    preset           TEXT NOT NULL,
    title            TEXT NOT NULL,
    settings         TEXT NOT NULL,
    sealed           BLOB NOT NULL,
    allows           TEXT NOT NULL CHECK (allows IN ('', 'sign_in', 'sign_up')),
    mail_domains     TEXT NOT NULL,
    roles            TEXT NOT NULL,
    is_second_factor INTEGER NOT NULL CHECK (is_second_factor IN (0, 1)),
    allow_private    INTEGER NOT NULL CHECK (allow_private IN (0, 1)),
    position         INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    disabled_at      INTEGER
) /*sqlite STRICT*/;

-- `role` is the operator's role that the service's groups gave last.
CREATE TABLE identities (
    provider_id  TEXT NOT NULL REFERENCES login_providers (id),
    subject      TEXT NOT NULL,
    user_id      TEXT NOT NULL REFERENCES users (id),
    email        TEXT,
    name         TEXT NOT NULL,
    role         TEXT,
    linked_at    INTEGER NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (provider_id, subject)
) /*sqlite STRICT, WITHOUT ROWID*/;
CREATE INDEX identities_user ON identities (user_id);

CREATE TABLE flows (
    hash           BLOB PRIMARY KEY,
    browser_hash   BLOB NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('away', 'pending', 'passkey')),
    intent         TEXT NOT NULL CHECK (intent IN ('sign_in', 'link', 'register', 'step_up')),
    provider_id    TEXT,
    user_id        TEXT,
    session_id     TEXT,
    secrets_sealed BLOB NOT NULL,
    return_to      TEXT NOT NULL,
    profile        TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    used_at        INTEGER
) /*sqlite STRICT*/;
CREATE INDEX flows_browser ON flows (browser_hash);
CREATE INDEX flows_expires_at ON flows (expires_at);

CREATE TABLE passkeys (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id),
    credential_id BLOB NOT NULL UNIQUE,
    public_key    BLOB NOT NULL,
    sign_count    INTEGER NOT NULL CHECK (sign_count >= 0),
    is_backed_up  INTEGER NOT NULL CHECK (is_backed_up IN (0, 1)),
    host          TEXT NOT NULL,
    name          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER
) /*sqlite STRICT*/;
CREATE INDEX passkeys_user ON passkeys (user_id);

-- By which people who came from another gateway sign in.
ALTER TABLE users ADD COLUMN login_name TEXT;
CREATE UNIQUE INDEX users_login_name ON users (login_name) WHERE login_name IS NOT NULL;
