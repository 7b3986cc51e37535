-- Why: moving in from other gateways. What was asked for, what came of each row of the other
-- database, keys of which only an old hash is known, and the history of what was paid there.
-- Lock: new tables only. Duration: milliseconds.

CREATE TABLE imports (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL,
    source_print    TEXT NOT NULL,
    settings_sealed BLOB NOT NULL,
    rate            TEXT NOT NULL,
    first_at        INTEGER NOT NULL,
    taken_at        INTEGER,
    checked_at      INTEGER,
    opened_at       INTEGER
) /*sqlite STRICT*/;

CREATE TABLE imported (
    import_id   TEXT NOT NULL REFERENCES imports (id),
    kind        TEXT NOT NULL CHECK (kind IN
        ('user', 'token', 'channel', 'model', 'group', 'codes')),
    source_id   TEXT NOT NULL,
    our_id      TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    target      INTEGER NOT NULL CHECK (target >= 0),
    pending     INTEGER CHECK (pending >= 0),
    owed        INTEGER NOT NULL CHECK (owed >= 0),
    locked_at   INTEGER,
    at          INTEGER NOT NULL,
    PRIMARY KEY (import_id, kind, source_id)
) /*sqlite STRICT, WITHOUT ROWID*/;

CREATE TABLE legacy_keys (
    sha256       TEXT PRIMARY KEY,
    api_token_id TEXT NOT NULL
) /*sqlite STRICT, WITHOUT ROWID*/;

CREATE TABLE imported_orders (
    import_id  TEXT NOT NULL REFERENCES imports (id),
    source_id  TEXT NOT NULL,
    account_id TEXT NOT NULL,
    number     TEXT NOT NULL,
    paid       TEXT NOT NULL,
    credit     INTEGER NOT NULL,
    state      TEXT NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (import_id, source_id)
) /*sqlite STRICT, WITHOUT ROWID*/;
CREATE INDEX imported_orders_account ON imported_orders (account_id);
