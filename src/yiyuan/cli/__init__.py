"""The command line: arguments in, one document or table out.

Each file is one noun of the contract's table and holds no logic of its own: it
names a command of `services/commands.py` and its parameters. `shared/invocation.py` carries
it out in the running server (`shared/control_client.py`) or, when none runs, in this process
(`shared/in_process.py`). `main.py` turns what happened into output and exit code.
`i18n/locale_env.py` says every text in the reader's language.

May import everything, and imports little: whatever a command does not need (the
database, tables, the server itself) is imported when it is needed, so that
`yiyuan --help` is quick.
"""
