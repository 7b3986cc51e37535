-- Why: what one customer pays and over which channels he is served can differ from another's.
-- A group is a price factor and a set of channels; a token has at most one, an account a
-- default for its tokens without one, and perhaps a list of those that they may have.
-- Lock: the small tables api_tokens and account_profiles. Duration: milliseconds.
--
-- What is added may be absent, so that servers of the release before can go on writing.

CREATE TABLE price_groups (
    name TEXT NOT NULL PRIMARY KEY,
    price_factor_ppm INTEGER NOT NULL CHECK (price_factor_ppm >= 0),
    channels TEXT,
    position INTEGER NOT NULL
) /*sqlite STRICT*/;

ALTER TABLE api_tokens ADD COLUMN group_name TEXT;
ALTER TABLE account_profiles ADD COLUMN default_group TEXT;
ALTER TABLE account_profiles ADD COLUMN allowed_groups TEXT;
