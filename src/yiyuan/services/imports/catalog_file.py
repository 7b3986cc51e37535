"""The other shop's catalog as a file that `apply` takes: to be read and compared.

Keys of upstreams stand in it as references only, as in `export`.
"""

from dataclasses import replace
from fractions import Fraction

from yiyuan.integrations.importers.contract import Shop
from yiyuan.services.catalog.document import placeholder
from yiyuan.services.catalog.export import to_toml
from yiyuan.services.imports.shop_catalog import build_catalog


def catalog_text(shop: Shop, micros_per_unit: Fraction) -> str:
    """The whole catalog, whatever of it was taken before."""
    unlisted = replace(shop, notes=[])  # they are listed when it is compared
    values = build_catalog(unlisted, micros_per_unit, {}).values
    for channel in values["channel"]:
        if keys := channel.pop("api_key", None):
            references = [{"env": placeholder(channel["name"], at)} for at in range(len(keys))]
            channel["api_key"] = references[0] if len(references) == 1 else references
        channel.pop("headers", None)  # a header may be a secret, too
    return to_toml(values)
