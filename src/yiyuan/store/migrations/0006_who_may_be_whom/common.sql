-- Why: nobody is somebody else. Failures to prove oneself are counted where all processes
-- see them, by person and place. Links know who made them and for whom, sessions how they
-- began and when their person was last proven, and tokens whose they are, so that all of
-- it can end with a role.
-- Lock: new tables, and columns with constant defaults. Duration: milliseconds.

-- A row per person and place, or wider; it holds no e-mail address in clear.
CREATE TABLE sign_in_failures (
    key      TEXT PRIMARY KEY,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    wait_ms  INTEGER NOT NULL CHECK (wait_ms >= 0),
    last_at  INTEGER NOT NULL
) /*sqlite STRICT*/;
CREATE INDEX sign_in_failures_last_at ON sign_in_failures (last_at);

-- Address blocks in which somebody has signed in.
CREATE TABLE known_places (
    user_id TEXT NOT NULL REFERENCES users (id),
    block   TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, block)
) /*sqlite STRICT, WITHOUT ROWID*/;

ALTER TABLE one_time_links ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE one_time_links ADD COLUMN email TEXT;
ALTER TABLE one_time_links ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

ALTER TABLE sessions ADD COLUMN method TEXT NOT NULL DEFAULT 'password'
    CHECK (method IN ('password', 'passkey', 'provider', 'link'));
ALTER TABLE sessions ADD COLUMN provider_id TEXT;
ALTER TABLE sessions ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0
    CHECK (second_factor IN (0, 1));
ALTER TABLE sessions ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE api_tokens ADD COLUMN user_id TEXT;
CREATE INDEX api_tokens_user ON api_tokens (account_id, user_id) WHERE user_id IS NOT NULL;

-- Links of releases before: invitations could take people over, so they end.
DELETE FROM one_time_links WHERE kind = 'invite' AND used_at IS NULL;
