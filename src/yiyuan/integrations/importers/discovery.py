"""The importers that there are: every `IMPORTER` in this folder, by name."""

from yiyuan.integrations import importers
from yiyuan.integrations.importers.contract import Importer, Schema
from yiyuan.kernel.plugins import discover as discover_exports


def discover() -> dict[str, Importer]:
    """Every importer by its name; two of one name are a fault of the program."""
    return discover_exports(importers, "IMPORTER")


def recognise(schema: Schema) -> str | None:
    """Which program's database this is; None if nobody knows it."""
    names = [name for name, importer in discover().items() if importer.recognises(schema)]
    return names[0] if len(names) == 1 else None
