"""PostgreSQL: the engine for many nodes, file by file like SQLite's."""
