"""What the page of an order shows, as it is kept and sent."""

import json
from typing import Any

from yiyuan.integrations.payments.values import Show

Json = dict[str, Any]


def show_json(show: Show) -> str:
    """What the page shows, as it is kept and sent."""
    shown: Json = {"kind": show.kind}
    if show.kind == "qr":
        shown["text"] = show.text
    else:
        shown["url"] = show.url
    if show.kind == "form":
        shown["fields"] = dict(show.fields)
    return json.dumps(shown, ensure_ascii=False)
