-- What operators did is history: it is never changed or deleted.

CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();

-- Numbers come from the database, since several processes write here.
CREATE SEQUENCE audit_log_numbers OWNED BY audit_log.seq;
ALTER TABLE audit_log ALTER COLUMN seq SET DEFAULT nextval('audit_log_numbers');
