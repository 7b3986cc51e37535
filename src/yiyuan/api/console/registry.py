"""Every route of the console's API, from the files of `account/` and `operator/`.

A new file of routes is found here by itself, and with it come its pages of the
OpenAPI document and its rows of the tests' matrix.
"""

import pkgutil
from importlib import import_module
from typing import Final

from yiyuan.api.console import account, operator
from yiyuan.api.console.route import Route


def _discover() -> tuple[Route, ...]:
    found: list[Route] = []
    for folder in (account, operator):
        for entry in pkgutil.walk_packages(folder.__path__, f"{folder.__name__}."):
            found += getattr(import_module(entry.name), "ROUTES", ())
    # A path without places wins over one with places that it would fit.
    return tuple(sorted(found, key=lambda route: (len(route.places), route.path, route.method)))


ROUTES: Final = _discover()
