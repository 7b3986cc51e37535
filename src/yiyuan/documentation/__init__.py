"""The documentation site: the front door, `/docs`, `/openapi.json`, `/llms.txt`.

Pages are the Markdown files of `docs/en` and `docs/zh`, readable there as they
are; `contents.toml` says which there are and in which order. What depends on this
gateway is filled in when a page is made: the address, the models and prices, the
limits (`rendering/live.py`). A page is made when it is first asked for and kept until the
catalog says something else; nothing of a reader is kept and nothing is asked of
the ledger.

May import `upstream`, `access`, `limits` and everything below; knows neither the
gateway nor the console.
"""
