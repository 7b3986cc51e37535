"""Numbered, forward-only migrations, each with its reason as its first lines.

`NNNN_verb_noun/common.sql` is for every engine: column types are INTEGER (64 bits), TEXT
and BLOB, which another engine's runner replaces by its own names, and what only
SQLite understands stands in a comment `/*sqlite …*/`, which only SQLite's runner
opens. `sqlite.sql` or `postgres.sql` beside it, if there is one, follows in the same
transaction: triggers, whose syntax no two engines share.
"""
