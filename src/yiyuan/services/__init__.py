"""What people do, one folder per noun, the same functions for every surface.

A function under `@command("account.create")` is a command; `commands.py` finds it and runs
it by name. It takes the context (the open home and who asks) and a typed request, and
answers with a JSON document or refuses with a ServiceError. The command line, the
control socket and the console's API call the same functions. Knows neither HTTP nor the terminal.
"""
