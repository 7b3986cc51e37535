-- Why: a page that says how the models answer. How many requests of an hour each model
-- answered and how many it failed, counted as they end, so that nothing has to look through
-- the requests; and incidents that operators write.
-- Lock: new tables only. Duration: milliseconds.

-- An hour is counted since 1970. Requests that were refused (4xx) or whose client left are
-- neither: they say nothing about the model.
CREATE TABLE model_hours (
    hour     INTEGER NOT NULL,
    model    TEXT NOT NULL,
    answered INTEGER NOT NULL CHECK (answered >= 0),
    failed   INTEGER NOT NULL CHECK (failed >= 0),
    PRIMARY KEY (hour, model)
) /*sqlite STRICT, WITHOUT ROWID*/;

-- `models` is a JSON list of names; a Chinese title is for readers of Chinese alone.
CREATE TABLE incidents (
    id          TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    title_zh    TEXT,
    models      TEXT NOT NULL,
    began_at    INTEGER NOT NULL,
    resolved_at INTEGER
) /*sqlite STRICT*/;
CREATE INDEX incidents_began ON incidents (began_at);

CREATE TABLE incident_updates (
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    n           INTEGER NOT NULL CHECK (n > 0),
    at          INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN
        ('investigating', 'identified', 'monitoring', 'resolved')),
    text        TEXT NOT NULL,
    text_zh     TEXT,
    PRIMARY KEY (incident_id, n)
) /*sqlite STRICT, WITHOUT ROWID*/;
