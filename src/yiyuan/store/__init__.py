"""The database: rows, migrations, one writer, several readers, the home's lock.

The only room that knows SQL drivers. It stores what it is given and knows no
rules of money beyond those that the schema itself states (CHECK, UNIQUE and
triggers). May import kernel and observe.
"""
