-- Entries and prices are history: no statement of ours changes or deletes one, and
-- these triggers hold other programs to the same.

CREATE FUNCTION refuse_to_change_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are never changed or deleted', TG_TABLE_NAME;
END $$;

CREATE TRIGGER entries_are_never_changed BEFORE UPDATE OR DELETE ON entries
FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();

CREATE TRIGGER prices_are_never_changed BEFORE UPDATE OR DELETE ON prices
FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();

-- Many processes write here. Each has an epoch, which says that it is alive; times
-- are the database's. A batch of the ledger counts itself in `last_batch`, in its own
-- transaction: that proves after a lost connection whether it took effect, and a
-- batch of an epoch that is not `live` is refused.
CREATE SEQUENCE epoch_numbers;
ALTER TABLE epochs
    ADD COLUMN state TEXT NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'dead', 'retired')),
    ADD COLUMN node TEXT NOT NULL DEFAULT '',
    ADD COLUMN heartbeat_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN last_batch BIGINT NOT NULL DEFAULT 0;
CREATE INDEX epochs_live ON epochs (epoch) WHERE state = 'live';
CREATE VIEW live_epochs AS SELECT epoch FROM epochs WHERE state = 'live';

-- Found by account and model to count the open ones, by epoch to recover them.
CREATE INDEX holds_account_model ON holds (account_id, model);
CREATE INDEX holds_epoch ON holds (epoch);

-- Rows that change all the time stay on their page, so that no index has to know.
ALTER TABLE accounts SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE budgets SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE epochs SET (fillfactor = 50, autovacuum_vacuum_threshold = 500);
ALTER TABLE holds SET (fillfactor = 50, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_scale_factor = 0);
