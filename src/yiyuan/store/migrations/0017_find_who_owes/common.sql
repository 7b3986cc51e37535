-- Why: whoever is credited may owe what was spent at the gateway before, so every credit looks
-- for it; without an index it read all that was ever moved here.
-- Lock: `imported` while its few rows that owe are read. Duration: milliseconds.

CREATE INDEX imported_owing ON imported (our_id) WHERE pending IS NOT NULL AND owed > 0;
