-- What operators did is history: it is never changed or deleted.

CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();

-- Numbers come from the database, since several processes write here.
CREATE SEQUENCE audit_log_numbers OWNED BY audit_log.seq;
ALTER TABLE audit_log ALTER COLUMN seq SET DEFAULT nextval('audit_log_numbers');

-- Entries are found by the beginning of their key (`refund:…`, `redeem:…`). In the order
-- of a language such a range can be empty; in the order of bytes, as SQLite has it, never.
-- The index of keyed entries is built anew; nobody posts meanwhile.
ALTER TABLE entries ALTER COLUMN idem_key TYPE TEXT COLLATE "C";
