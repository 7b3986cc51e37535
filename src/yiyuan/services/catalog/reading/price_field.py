"""Reading a price that stands somewhere in a catalog file."""

import re

from yiyuan.pricing.price import Price, PriceError, parse_price
from yiyuan.services.catalog.reading.toml_fields import Table
from yiyuan.services.catalog.reading.toml_lines import Path

_PLACE = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def read_price(table: Table, path: Path, document: object) -> Price:
    """Read the price at `path` below `table`. Raises ServiceError with its line."""
    try:
        return parse_price(document, field="price")
    except PriceError as error:
        parts = _PLACE.findall(error.field.removeprefix("price"))
        inner = tuple(name or int(index) for name, index in parts)
        raise table.source.problem((*table.path, *path, *inner), error.reason) from None
