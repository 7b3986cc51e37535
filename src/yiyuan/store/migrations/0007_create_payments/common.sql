-- Why: customers pay online. Ways to pay, orders, what providers said, refunds, debts,
-- the daily comparison, and requests for invoices.
-- Lock: new tables, and a column with a constant default. Duration: milliseconds.

-- One instance of a payment method. The id is in the address that the provider notifies,
-- so it is random. Secrets are one sealed JSON object; what they replaced verifies
-- notifies until `old_until`. `learned` are public keys that the provider told.
CREATE TABLE payment_methods (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    kind          TEXT NOT NULL,
    enabled       INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    is_test       INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    allow_private INTEGER NOT NULL CHECK (allow_private IN (0, 1)),
    position      INTEGER NOT NULL,
    fields        TEXT NOT NULL,
    sealed        BLOB NOT NULL,
    hints         TEXT NOT NULL,
    old_sealed    BLOB,
    old_until     INTEGER,
    learned       TEXT NOT NULL,
    created_by    TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    notified_at   INTEGER
) /*sqlite STRICT*/;

-- An order says what it will credit; nothing that comes later changes that. `number` is
-- what the provider calls it by. A payment belongs to one order.
CREATE TABLE payment_orders (
    id             TEXT PRIMARY KEY,
    number         TEXT NOT NULL UNIQUE,
    account_id     TEXT NOT NULL REFERENCES accounts (id),
    actor          TEXT NOT NULL,
    method_id      TEXT NOT NULL REFERENCES payment_methods (id),
    type           TEXT NOT NULL,
    merchant       TEXT NOT NULL,
    is_test        INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    currency       TEXT NOT NULL,
    amount_minor   INTEGER NOT NULL CHECK (amount_minor > 0),
    fee_minor      INTEGER NOT NULL CHECK (fee_minor >= 0),
    credit         INTEGER NOT NULL CHECK (credit > 0),
    bonus          INTEGER NOT NULL CHECK (bonus >= 0),
    rule           TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('created', 'pending', 'paid', 'credited',
                                                  'expired', 'cancelled', 'failed', 'review')),
    reason         TEXT NOT NULL,
    session_ref    TEXT NOT NULL,
    payment_ref    TEXT,
    shown          TEXT NOT NULL,
    address        TEXT NOT NULL,
    is_phone       INTEGER NOT NULL CHECK (is_phone IN (0, 1)),
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    paid_at        INTEGER,
    credited_at    INTEGER,
    asked_at       INTEGER NOT NULL,
    next_check_at  INTEGER,
    checks         INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL CHECK (refunded_minor >= 0 AND refunded_minor <= amount_minor),
    dispute        TEXT NOT NULL
) /*sqlite STRICT*/;
CREATE UNIQUE INDEX payment_orders_payment ON payment_orders (method_id, payment_ref)
    WHERE payment_ref IS NOT NULL;
CREATE INDEX payment_orders_account ON payment_orders (account_id, id);
CREATE INDEX payment_orders_check ON payment_orders (next_check_at)
    WHERE next_check_at IS NOT NULL;
CREATE INDEX payment_orders_state ON payment_orders (state, id);

-- What was said of orders, by whom, and what was made of it. `facts` has no secrets.
CREATE TABLE payment_events (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    order_id   TEXT,
    method_id  TEXT NOT NULL,
    source     TEXT NOT NULL CHECK (source IN ('notify', 'query', 'bill', 'operator', 'create')),
    event_ref  TEXT NOT NULL,
    verdict    TEXT NOT NULL,
    facts      TEXT NOT NULL,
    address    TEXT NOT NULL
) /*sqlite STRICT*/;
CREATE INDEX payment_events_order ON payment_events (order_id, seq);
CREATE INDEX payment_events_unmatched ON payment_events (seq) WHERE order_id IS NULL;

-- Money that goes back. `n` numbers an order's refunds, so that two at once cannot both be
-- reckoned from the same state; `key` makes a repeated request the same refund. Those that the
-- provider made by itself have its number from the start.
CREATE TABLE payment_refunds (
    id            TEXT PRIMARY KEY,
    order_id      TEXT NOT NULL REFERENCES payment_orders (id),
    n             INTEGER NOT NULL CHECK (n > 0),
    key           TEXT NOT NULL,
    cause         TEXT NOT NULL CHECK (cause IN ('operator', 'provider', 'dispute')),
    amount_minor  INTEGER NOT NULL CHECK (amount_minor > 0),
    credit        INTEGER NOT NULL CHECK (credit >= 0),
    bonus         INTEGER NOT NULL CHECK (bonus >= 0),
    state         TEXT NOT NULL CHECK (state IN ('asked', 'taken', 'sent', 'done', 'failed')),
    provider_ref  TEXT,
    reason        TEXT NOT NULL,
    actor         TEXT NOT NULL,
    at            INTEGER NOT NULL,
    done_at       INTEGER,
    next_check_at INTEGER,
    UNIQUE (order_id, n),
    UNIQUE (order_id, key)
) /*sqlite STRICT*/;
CREATE UNIQUE INDEX payment_refunds_provider ON payment_refunds (order_id, provider_ref)
    WHERE provider_ref IS NOT NULL;
CREATE INDEX payment_refunds_check ON payment_refunds (next_check_at)
    WHERE next_check_at IS NOT NULL;

-- What could not be taken back because it was spent: the next credits pay it first.
CREATE TABLE account_debts (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    refund_id  TEXT NOT NULL UNIQUE REFERENCES payment_refunds (id),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    collected  INTEGER NOT NULL CHECK (collected >= 0 AND collected <= amount),
    at         INTEGER NOT NULL,
    closed_at  INTEGER
) /*sqlite STRICT*/;
CREATE INDEX account_debts_open ON account_debts (account_id, at) WHERE closed_at IS NULL;

-- Yesterday's list of the provider against ours.
CREATE TABLE payment_days (
    method_id    TEXT NOT NULL REFERENCES payment_methods (id),
    day          TEXT NOT NULL,
    ours_minor   INTEGER NOT NULL,
    theirs_minor INTEGER NOT NULL,
    differences  TEXT NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (method_id, day)
) /*sqlite STRICT, WITHOUT ROWID*/;

CREATE TABLE invoice_requests (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    order_id   TEXT NOT NULL UNIQUE REFERENCES payment_orders (id),
    title      TEXT NOT NULL,
    tax_number TEXT NOT NULL,
    email      TEXT NOT NULL,
    at         INTEGER NOT NULL,
    done_at    INTEGER,
    done_by    TEXT
) /*sqlite STRICT*/;

-- Accounts that orders of a test instance may credit.
ALTER TABLE account_profiles ADD COLUMN is_test INTEGER NOT NULL DEFAULT 0
    CHECK (is_test IN (0, 1));
