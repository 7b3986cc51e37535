"""WeChat Pay v3 on the wire: signed requests, answers and notifies that are proven.

`Wechatpay-Serial` says whose key has signed: the public key that new merchants are given
(`PUB_KEY_ID_…`, a field), or a platform certificate, which `certificates` brings. While a
merchant changes from one to the other both occur, so both are tried.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import rsa
from yiyuan.integrations.payments.json_answer import Json, json_object, text_of
from yiyuan.integrations.payments.values import Config, Moment, UnknownSigner

ADDRESS: Final = "https://api.mch.weixin.qq.com"
SCHEMA: Final = "WECHATPAY2-SHA256-RSA2048"
SKEW_SECONDS_MAX: Final = 300
PROBE: Final = "WECHATPAY/SIGNTEST/"


def call(
    config: Config, method: str, path: str, moment: Moment, content: Mapping[str, Any] | None = None
) -> Call:
    """A signed call; `path` with its query."""
    base = (config["base_url"] or ADDRESS).rstrip("/").removesuffix("/v3")
    body = orjson.dumps(content) if content is not None else b""
    return signed(config, method, f"{base}{path}", moment, body)


def signed(config: Config, method: str, url: str, moment: Moment, body: bytes = b"") -> Call:
    """A signed call of a whole address."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    text = f"{method}\n{target}\n{moment.now}\n{moment.nonce}\n{body.decode()}\n"
    values = {
        "mchid": config["mchid"],
        "nonce_str": moment.nonce,
        "signature": rsa.sign(config["private_key"], text.encode()),
        "timestamp": str(moment.now),
        "serial_no": config["serial_no"],
    }
    pairs = ",".join(f'{name}="{value}"' for name, value in values.items())
    headers = [
        ("authorization", f"{SCHEMA} {pairs}"),
        ("accept", "application/json"),
        ("content-type", "application/json"),
    ]
    if config["public_key_id"]:
        headers.append(("wechatpay-serial", config["public_key_id"]))
    return Call(method, url, tuple(headers), body)


def is_genuine(config: Config, headers: Mapping[str, str], body: bytes, moment: Moment) -> bool:
    """Whether WeChat Pay has signed this. Raises UnknownSigner for a key we do not have."""
    time = headers.get("wechatpay-timestamp", "")
    signature = headers.get("wechatpay-signature", "")
    if not (time.isdecimal() and time.isascii()) or len(time) > 12 or not signature:
        return False
    if abs(moment.now - int(time)) > SKEW_SECONDS_MAX or signature.startswith(PROBE):
        return False
    serial = headers.get("wechatpay-serial", "")
    key = config["public_key"] if serial == config["public_key_id"] else None
    key = key or config.learned.get(serial)
    if not key:
        raise UnknownSigner(serial)
    text = f"{time}\n{headers.get('wechatpay-nonce', '')}\n".encode() + body + b"\n"
    return rsa.is_signed(key, text, signature)


def answered(config: Config, answer: Answer, moment: Moment) -> Json | None:
    """A proven answer's object (an empty one for 204), or None when it proves nothing."""
    if not is_genuine(config, answer.headers, answer.body, moment):
        return None
    return {} if answer.status == 204 else json_object(answer.body)


def opened(secrets: list[str], resource: object) -> bytes | None:
    """What an encrypted `resource` holds, under the first APIv3 key that opens it."""
    if not isinstance(resource, dict):
        return None
    try:
        sealed = base64.b64decode(text_of(resource.get("ciphertext")), validate=True)
    except binascii.Error:
        return None
    nonce = text_of(resource.get("nonce")).encode()
    extra = text_of(resource.get("associated_data")).encode()
    for secret in secrets:
        try:
            return AESGCM(secret.encode()).decrypt(nonce, sealed, extra)
        except (InvalidTag, ValueError):
            continue
    return None


def keys(config: Config, moment: Moment) -> Call:
    """Ask for the platform certificates."""
    return call(config, "GET", "/v3/certificates", moment)


def read_keys(config: Config, answer: Answer, moment: Moment) -> dict[str, str]:
    """The certificates by serial: each is proven by the APIv3 key, the answer by one of them."""
    found = json_object(answer.body)
    if answer.status != 200 or found is None or not isinstance(found.get("data"), list):
        return {}
    brought: dict[str, str] = {}
    for entry in found["data"]:
        pem = opened(config.secrets_of("apiv3_key"), entry.get("encrypt_certificate"))
        if pem is not None:
            brought[text_of(entry.get("serial_no"))] = pem.decode("ascii", "replace")
    known = Config(config.values, config.secrets, learned={**config.learned, **brought})
    try:
        is_proven = is_genuine(known, answer.headers, answer.body, moment)
    except UnknownSigner:
        is_proven = False
    return brought if is_proven else {}
