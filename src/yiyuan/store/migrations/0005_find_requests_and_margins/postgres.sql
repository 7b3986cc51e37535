-- A month of entries without reading all years: pages in the order of time cost nothing to
-- keep, since entries are only ever added.
CREATE INDEX entries_by_time ON entries USING brin (at);
