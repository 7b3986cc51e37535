"""Every route of the console's API, from the files whose names end in `_routes`.

A new file of routes is found here by itself, and with it come its pages of the
OpenAPI document and its rows of the tests' matrix.
"""

from importlib import import_module, resources
from typing import Final

from yiyuan.panel.route import Route


def _discover() -> tuple[Route, ...]:
    files = sorted(item.name for item in resources.files("yiyuan.panel").iterdir())
    names = [file.removesuffix(".py") for file in files if file.endswith("_routes.py")]
    found: list[Route] = []
    for name in names:
        found += import_module(f"yiyuan.panel.{name}").ROUTES
    # A path without places wins over one with places that it would fit.
    return tuple(sorted(found, key=lambda route: (len(route.places), route.path, route.method)))


ROUTES: Final = _discover()
