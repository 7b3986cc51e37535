"""Finds what a package's files export under one name: formats, vendors, methods.

Who adds a file adds what is in it; no list names it.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def discover(package: ModuleType, constant: str) -> dict[str, Any]:
    """Every `constant` of the modules below `package`, folders included, by its `name`.

    Raises RuntimeError when two have the same name: one of them would never be used.
    """
    found: dict[str, Any] = {}
    for entry in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        exported = getattr(importlib.import_module(entry.name), constant, None)
        if exported is None:
            continue
        if exported.name in found:
            raise RuntimeError(f"two files below {package.__name__} export {exported.name!r}")
        found[exported.name] = exported
    return found
