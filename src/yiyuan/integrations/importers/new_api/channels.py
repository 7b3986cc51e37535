"""new-api's rows of `channels`."""

import json
from collections.abc import Mapping
from typing import Any, Final

from yiyuan.integrations.importers.contract import BadAnswer, Shop
from yiyuan.integrations.importers.shared.channel_rows import ChannelRow
from yiyuan.integrations.importers.shared.channels import NO_JSON
from yiyuan.integrations.importers.shared.names import comma_list, key_list
from yiyuan.integrations.importers.shared.numbers import read_json, text, whole

_DOTS_STAY_SINCE: Final = 1_746_835_200
"""2025-05-10: Azure channels that are younger send a model's name as it is, since the
releases that know `header_override`."""


def read_row(shop: Shop, row: Mapping[str, Any]) -> ChannelRow:
    """One row, its JSON read; what is no JSON counts as not there, and is listed."""
    subject = f"channel {row['id']} {text(row.get('name'))}"
    setting = _object(shop, row, "setting", subject)
    headers = _object(shop, row, "header_override", subject)
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
    return ChannelRow(
        id=str(row["id"]),
        name=text(row.get("name")),
        type=whole(row.get("type")),
        keys=_keys(shop, row, subject),
        address=text(row.get("base_url")),
        models=comma_list(text(row.get("models"))),
        mapping={str(k): text(v) for k, v in _object(shop, row, "model_mapping", subject).items()},
        groups=frozenset(g.strip() for g in comma_list(text(row.get("group"))) if g.strip()),
        priority=whole(row.get("priority")),
        weight=whole(row.get("weight")),
        status=whole(row.get("status")),
        headers={str(name): text(value) for name, value in headers.items()},
        proxy=text(setting.get("proxy")),
        changes_meaning=tuple(changes),
        not_applied=tuple(lost),
        azure_version=text(row.get("other")),
        regions=_regions(text(row.get("other")).strip()),
        is_api_key=_object(shop, row, "settings", subject).get("vertex_key_type") == "api_key",
        drops_dots="header_override" not in row
        or whole(row.get("created_time")) < _DOTS_STAY_SINCE,
        key_name=text(row.get("name")),
    )


def _keys(shop: Shop, row: Mapping[str, Any], subject: str) -> tuple[str, ...]:
    """One key, or those of a channel with several, less the ones that were switched off."""
    raw = text(row.get("key")).strip()
    info = _object(shop, row, "channel_info", subject)
    if not info.get("is_multi_key"):
        return key_list(raw)
    keys = key_list(raw)
    states = info.get("multi_key_status_list")
    states = states if isinstance(states, Mapping) else {}
    off = {int(index) for index, state in states.items() if str(index).isdigit() and state != 1}
    if off:
        shop.note(
            "channel_key",
            subject,
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


def _object(shop: Shop, row: Mapping[str, Any], column: str, subject: str) -> dict[str, Any]:
    try:
        found = read_json(row.get(column), column)
    except BadAnswer:
        shop.note("channel_setting", subject, NO_JSON, column=column)
        return {}
    return dict(found) if isinstance(found, Mapping) else {}
