"""Log probabilities in OpenAI's two forms: chat's list of items, legacy's four lists."""

from typing import Any

from yiyuan.dialects.canonical import Json

UNLIKELY = -9999.0
"""OpenAI's figure for a token outside the ranking; stands in where there is none."""


def to_legacy(items: list[Json], offset: int) -> Json:
    """Make legacy's parallel lists; `offset` is the place in the text, in characters."""
    tokens, own, tops, offsets = [], [], [], []
    for item in items:
        token, logprob = _read_item(item)
        top = dict(_read_item(other) for other in _listed(item, "top_logprobs"))
        top.setdefault(token, logprob)
        tokens.append(token)
        own.append(logprob)
        tops.append(top)
        offsets.append(offset)
        offset += len(token)
    return {
        "tokens": tokens,
        "token_logprobs": own,
        "top_logprobs": tops,
        "text_offset": offsets,
    }


def from_legacy(logprobs: Any) -> list[Json] | None:
    """Make chat's items of legacy's lists; None when there are none."""
    if type(logprobs) is not dict:
        return None
    own, tops = _listed(logprobs, "token_logprobs"), _listed(logprobs, "top_logprobs")
    items = []
    for position, token in enumerate(_listed(logprobs, "tokens")):
        top = tops[position] if position < len(tops) else None
        named = top.items() if type(top) is dict else ()
        logprob = own[position] if position < len(own) else None
        items.append(
            _write_item(token, logprob)
            | {"top_logprobs": [_write_item(name, value) for name, value in named]}
        )
    return items


def _listed(body: Any, name: str) -> list[Any]:
    value = body.get(name) if type(body) is dict else None
    return value if type(value) is list else []


def _read_item(item: Any) -> tuple[str, float]:
    if type(item) is not dict:
        return "", UNLIKELY
    token, logprob = item.get("token"), item.get("logprob")
    return token if type(token) is str else "", _figure(logprob)


def _write_item(token: Any, logprob: Any) -> Json:
    return {"token": str(token), "logprob": _figure(logprob), "bytes": None}


def _figure(logprob: Any) -> float:
    return logprob if isinstance(logprob, int | float) else UNLIKELY
