"""A small new-api shop in an SQLite file, whose rows a test writes and changes at will.

Its tables have the columns that the program's of 2026 have, as far as anything reads them.
"""

import json
import sqlite3
from contextlib import closing

_TABLES = {
    "setups": "id INTEGER PRIMARY KEY, version TEXT",
    "options": "key TEXT PRIMARY KEY, value TEXT",
    "users": """id INTEGER PRIMARY KEY, username TEXT, password TEXT, display_name TEXT,
                role INTEGER DEFAULT 1, status INTEGER DEFAULT 1, email TEXT DEFAULT '',
                github_id TEXT, linux_do_id TEXT, access_token TEXT, quota INTEGER DEFAULT 0,
                used_quota INTEGER DEFAULT 0, request_count INTEGER DEFAULT 0,
                "group" TEXT DEFAULT 'default', aff_quota INTEGER DEFAULT 0,
                inviter_id INTEGER DEFAULT 0, deleted_at TEXT""",
    "tokens": """id INTEGER PRIMARY KEY, user_id INTEGER, key TEXT, status INTEGER DEFAULT 1,
                 name TEXT, expired_time INTEGER DEFAULT -1, remain_quota INTEGER DEFAULT 0,
                 unlimited_quota INTEGER DEFAULT 1, model_limits_enabled INTEGER DEFAULT 0,
                 model_limits TEXT DEFAULT '', allow_ips TEXT DEFAULT '',
                 "group" TEXT DEFAULT '', deleted_at TEXT""",
    "channels": """id INTEGER PRIMARY KEY, type INTEGER DEFAULT 1, key TEXT, status INTEGER
                   DEFAULT 1, name TEXT, weight INTEGER DEFAULT 0, base_url TEXT DEFAULT '',
                   models TEXT, "group" TEXT DEFAULT 'default', model_mapping TEXT,
                   status_code_mapping TEXT, priority INTEGER DEFAULT 0, setting TEXT,
                   param_override TEXT, header_override TEXT, channel_info BLOB,
                   open_ai_organization TEXT""",
    "redemptions": """id INTEGER PRIMARY KEY, key TEXT, status INTEGER DEFAULT 1, quota INTEGER,
                      expired_time INTEGER DEFAULT 0, deleted_at TEXT""",
    "top_ups": """id INTEGER PRIMARY KEY, user_id INTEGER, amount INTEGER, money REAL,
                  trade_no TEXT, create_time INTEGER, status TEXT""",
    "two_fas": """id INTEGER PRIMARY KEY, user_id INTEGER, secret TEXT, is_enabled INTEGER,
                  deleted_at TEXT""",
}
OPTIONS = {
    "ModelRatio": {"gpt-4o": 1.25, "plain": 1},
    "CompletionRatio": {"gpt-4o": 4, "plain": 1},
    "GroupRatio": {"default": 1, "vip": 0.8},
    "QuotaPerUnit": 500_000,
    "Price": 7.3,
}


class NewApiShop:
    """One file; `add` and `change` are the old gateway's own writes."""

    def __init__(self, path, options=None):
        self.path = path
        with closing(sqlite3.connect(path)) as connection:
            for table, columns in _TABLES.items():
                connection.execute(f'CREATE TABLE "{table}" ({columns})')
            connection.execute("INSERT INTO setups VALUES (1, 'v')")
            for name, value in (OPTIONS | (options or {})).items():
                text = value if isinstance(value, str) else json.dumps(value)
                connection.execute("INSERT INTO options VALUES (?, ?)", (name, text))
            connection.commit()

    def add(self, table, *rows):
        """Rows as dicts."""
        with closing(sqlite3.connect(self.path)) as connection:
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" * len(row))
                connection.execute(
                    f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(row.values())
                )
            connection.commit()

    def change(self, sql, *values):
        """One statement."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(sql, values)
            connection.commit()

    def add_usual(self, upstream="http://127.0.0.1:9", people=3):
        """A root, some customers with a key each, one channel in both groups."""
        self.add("users", user(1, "root", quota=100_000_000, role=100))
        for number in range(2, people + 2):
            self.add("users", user(number, f"user{number}", quota=500_000 * number))
            self.add("tokens", token(number, number))
        self.add(
            "channels",
            {
                "id": 1, "type": 1, "key": "sk-up-CANARY", "name": "main", "base_url": upstream,
                "models": "gpt-4o,plain", "group": "default,vip",
            },
        )  # fmt: skip
        return self


def user(number, name, **values):
    """A row of `users`; the password is `old password N`, hashed at no cost worth naming."""
    return {"id": number, "username": name, "password": f"$2a$04${number:053d}"} | values


def token(number, owner, **values):
    """A row of `tokens` whose key has 48 letters and digits."""
    return {
        "id": number,
        "user_id": owner,
        "key": f"{number:048d}",
        "name": f"key {number}",
    } | values
