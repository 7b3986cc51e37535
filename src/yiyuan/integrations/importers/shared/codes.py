"""Redemption codes of the quota gateways: those that nobody has used yet."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from yiyuan.integrations.importers.contract import Code, Shop
from yiyuan.integrations.importers.shared.numbers import TIME_MAX, text, whole
from yiyuan.integrations.importers.shared.people import is_deleted

_STATES = {1: "unused", 2: "disabled", 3: "used"}


def read_codes(shop: Shop, rows: list[Mapping[str, Any]], now: int) -> None:
    """Add the unused codes to the shop, and count all."""
    for row in rows:
        state = "deleted" if is_deleted(row) else _STATES.get(whole(row.get("status")), "disabled")
        expires = whole(row.get("expired_time"))
        if state == "unused" and 0 < expires <= now:
            state = "expired"
        shop.counted[f"codes_{state}"] = shop.counted.get(f"codes_{state}", 0) + 1
        units = whole(row.get("quota"))
        if state != "unused" or units <= 0 or not text(row["key"]).strip():
            continue
        shop.codes.append(
            Code(
                source_id=str(row["id"]),
                code=text(row["key"]).strip(),
                units=Fraction(units),
                expires_at=expires if 0 < expires <= TIME_MAX else None,
            )
        )
