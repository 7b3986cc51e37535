"""new-api's rows of `channels`."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from yiyuan.integrations.importers.contract import Shop
from yiyuan.integrations.importers.shared.channel_rows import (
    ChannelRow,
    common_row,
    read_object,
    subject_of,
)
from yiyuan.integrations.importers.shared.names import key_list
from yiyuan.integrations.importers.shared.numbers import text, whole

_DOTS_STAY_SINCE: Final = 1_746_835_200
"""2025-05-10: Azure channels that are younger send a model's name as it is, since the
releases that know `header_override`."""


def read_row(shop: Shop, row: Mapping[str, Any]) -> ChannelRow:
    """One row, its JSON read; what is no JSON counts as not there, and is listed."""
    setting = read_object(shop, row, "setting")
    headers = read_object(shop, row, "header_override")
    changes, lost = [], []
    if text(row.get("param_override")).strip() not in ("", "{}", "null"):
        changes.append("param_override")
    if text(setting.get("system_prompt")).strip():
        changes.append("system_prompt")
    if text(row.get("status_code_mapping")).strip() not in ("", "{}", "null"):
        lost.append("status_code_mapping")
    lost += [name for name in sorted(setting) if name not in ("proxy", "system_prompt")]
    if organization := text(row.get("open_ai_organization")).strip():
        headers = {**headers, "OpenAI-Organization": organization}
    return replace(
        common_row(shop, row),
        keys=_keys(shop, row),
        headers={str(name): text(value) for name, value in headers.items()},
        proxy=text(setting.get("proxy")),
        changes_meaning=tuple(changes),
        not_applied=tuple(lost),
        regions=_regions(text(row.get("other")).strip()),
        is_api_key=read_object(shop, row, "settings").get("vertex_key_type") == "api_key",
        drops_dots="header_override" not in row
        or whole(row.get("created_time")) < _DOTS_STAY_SINCE,
    )


def _keys(shop: Shop, row: Mapping[str, Any]) -> tuple[str, ...]:
    """One key, or those of a channel with several, less the ones that were switched off."""
    raw = text(row.get("key")).strip()
    info = read_object(shop, row, "channel_info")
    if not info.get("is_multi_key"):
        return key_list(raw)
    keys = key_list(raw)
    states = info.get("multi_key_status_list")
    states = states if isinstance(states, Mapping) else {}
    off = {int(index) for index, state in states.items() if str(index).isdigit() and state != 1}
    if off:
        shop.note(
            "channel_key",
            subject_of(row),
            "{off} of {all} keys were off: left out",
            off=len(off),
            all=len(keys),
        )
    return tuple(key for index, key in enumerate(keys) if index not in off)


def _regions(other: str) -> dict[str, str]:
    """Vertex AI: one region for all models, or a JSON object of them by model."""
    if not other.startswith("{"):
        return {"": other}
    try:
        found = json.loads(other)
    except ValueError:
        return {}
    regions = {str(model): text(region) for model, region in dict(found).items()}
    return {"": regions.pop("default", ""), **regions}
