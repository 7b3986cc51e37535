-- What providers said is history: it is never changed or deleted.

CREATE TRIGGER payment_events_are_never_changed BEFORE UPDATE ON payment_events
BEGIN SELECT RAISE(ABORT, 'payment events are never changed'); END;

CREATE TRIGGER payment_events_are_never_deleted BEFORE DELETE ON payment_events
BEGIN SELECT RAISE(ABORT, 'payment events are never deleted'); END;
