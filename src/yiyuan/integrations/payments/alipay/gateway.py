"""Alipay's gateway: how requests are signed and answers proven.

What is signed differs three times. A request: all parameters but `sign`, `sign_type`
included. A notify: `sign` and `sign_type` left out. An answer: the exact bytes of its
`alipay_…_response` member as they stand in the body, cut out by position.
"""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

import orjson

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import rsa
from yiyuan.integrations.payments.alipay.certificates import certificate_fields
from yiyuan.integrations.payments.beijing_time import written
from yiyuan.integrations.payments.json_answer import Json, json_object
from yiyuan.integrations.payments.values import FORM, Config, Moment

ADDRESS: Final = "https://openapi.alipay.com/gateway.do"
_DECODER = json.JSONDecoder()


def gateway_address(config: Config) -> str:
    """The gateway's address; a bare host means its usual page."""
    base = config["base_url"] or ADDRESS
    return base if urlsplit(base).path.strip("/") else f"{base.rstrip('/')}/gateway.do"


def canonical(fields: Mapping[str, str], *without: str) -> str:
    """The text that is signed: non-empty fields, sorted, joined raw."""
    kept = sorted(name for name, value in fields.items() if value and name not in without)
    return "&".join(f"{name}={fields[name]}" for name in kept)


def signed_fields(
    config: Config,
    method: str,
    content: Mapping[str, str],
    moment: Moment,
    addresses: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """All parameters of a request, signed; `addresses` are notify_url and return_url."""
    fields = {
        "app_id": config["app_id"],
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": written(moment.now),
        "version": "1.0",
        "biz_content": orjson.dumps(content).decode(),
        **certificate_fields(config),
        **(addresses or {}),
    }
    text = canonical(fields, "sign")
    return {**fields, "sign": rsa.sign(config["private_key"], text.encode())}


def post(
    config: Config,
    method: str,
    content: Mapping[str, str],
    moment: Moment,
    addresses: Mapping[str, str] | None = None,
) -> Call:
    """A call of the gateway."""
    fields = signed_fields(config, method, content, moment, addresses)
    url = f"{gateway_address(config)}?charset=utf-8"
    headers = (("content-type", f"{FORM};charset=utf-8"),)
    return Call("POST", url, headers, urlencode(fields).encode())


def answered(config: Config, method: str, answer: Answer) -> Json | None:
    """The member of an answer whose signature holds; None when it proves nothing."""
    body = json_object(answer.body)
    name = method.replace(".", "_") + "_response"
    if body is None or not isinstance(body.get(name), dict):
        return None
    signature = body.get("sign")
    raw = _raw_member(answer.body, name)
    if not isinstance(signature, str) or raw is None:
        return None
    # Some of its servers escape slashes only after signing.
    texts = (raw, raw.replace(b"\\/", b"/"))
    if not any(rsa.is_signed(config["alipay_public_key"], text, signature) for text in texts):
        return None
    found: Json = body[name]
    return found


def _raw_member(body: bytes, name: str) -> bytes | None:
    """The bytes of a top-level member's value as they stand in the body."""
    text = body.decode("utf-8", "surrogateescape")
    position = _past_space(text, 0) + 1  # past the opening brace
    while True:
        try:
            key, position = _DECODER.raw_decode(text, _past_space(text, position))
            position = _past_space(text, _past_space(text, position) + 1)  # past the colon
            start = position
            _, position = _DECODER.raw_decode(text, start)
        except (ValueError, IndexError):
            return None
        if key == name:
            return text[start:position].encode("utf-8", "surrogateescape")
        position = _past_space(text, position) + 1  # past the comma


def _past_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position
