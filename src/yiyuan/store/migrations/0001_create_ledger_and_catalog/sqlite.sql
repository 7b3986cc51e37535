-- Entries and prices are history: no statement of ours changes or deletes one, and
-- these triggers hold other programs to the same.

CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;

CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;

CREATE TRIGGER prices_are_never_changed BEFORE UPDATE ON prices
BEGIN SELECT RAISE(ABORT, 'prices are never changed'); END;

CREATE TRIGGER prices_are_never_deleted BEFORE DELETE ON prices
BEGIN SELECT RAISE(ABORT, 'prices are never deleted'); END;

-- The epochs that may have open holds: one process at a time, so the last one.
CREATE VIEW live_epochs AS
SELECT epoch FROM epochs
WHERE ended_at IS NULL AND epoch = (SELECT max(epoch) FROM epochs);
