-- What providers said is history: it is never changed or deleted.

CREATE TRIGGER payment_events_are_never_changed BEFORE UPDATE OR DELETE ON payment_events
FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();

CREATE SEQUENCE payment_event_numbers OWNED BY payment_events.seq;
ALTER TABLE payment_events ALTER COLUMN seq SET DEFAULT nextval('payment_event_numbers');
