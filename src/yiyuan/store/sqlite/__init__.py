"""SQLite: the embedded engine, with one writer and several readers."""
