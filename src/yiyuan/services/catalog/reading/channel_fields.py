"""Reading one `[[channel]]` of a catalog file.

Keys are given themselves, as `{ env = "NAME" }`, as `{ file = "/path" }`, or as a list of
these; a table may say when the key expires. The variables' values are handed in, because
the file may be read in another process than the one that was told to apply it. No error
shows what stands where a key or an address with a password may stand.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import SplitResult, urlsplit

from yiyuan.i18n.message import Message
from yiyuan.integrations.providers.contract import Provider
from yiyuan.kernel.clock import parse_time
from yiyuan.pricing.price import to_json
from yiyuan.services.catalog.document import ChannelDocument, KeyDocument, Pairs, UnsetHeader
from yiyuan.services.catalog.reading.key_files import key_text, read_key_file
from yiyuan.services.catalog.reading.price_field import read_price
from yiyuan.services.catalog.reading.toml_fields import LIMIT_MAX, Table, kind
from yiyuan.services.catalog.reading.toml_lines import Path
from yiyuan.services.catalog.reading.vendor_fields import read_vendor_fields
from yiyuan.services.shared.validation import model_name_fault, name_fault

TIMEOUT_SECONDS_MAX = 86_400

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}", re.ASCII)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,2000}[\x21-\x7e])?", re.ASCII)
_URL = re.compile(r"[\x21-\x7e]{1,2000}", re.ASCII)
_OWN_HEADERS = frozenset(
    (
        *("accept-encoding", "content-length", "content-type", "expect", "host"),
        *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
        *("authorization", "proxy-authorization", "x-api-key"),
    )
)


def read_channel(
    table: Table, providers: Mapping[str, Provider], environment: Mapping[str, str]
) -> ChannelDocument:
    """Check the table's fields. Raises ServiceError `invalid_catalog`."""
    name = _name(table)
    provider = providers.get(table.text("provider"))
    if provider is None:
        known = ", ".join(sorted(providers))
        raise table.problem("provider", "must be one of {choices}", choices=known)
    models = _channel_models(table)
    base_url = _base_url(table, provider)
    return ChannelDocument(
        name=name,
        provider=provider.name,
        base_url=base_url,
        keys=tuple(read_keys(table, environment)),
        models=models,
        native_completions=_native_completions(table, provider, models),
        priority=table.integer("priority", 0, least=-LIMIT_MAX, most=LIMIT_MAX),
        weight=table.integer("weight", 1, least=0, most=1_000_000),
        timeout_seconds=table.seconds("timeout", 600.0, most=TIMEOUT_SECONDS_MAX),
        proxy=_proxy(table),
        headers=_headers(table, environment),
        allow_private=table.boolean("allow_private", default=True),
        on_disconnect=table.choice("on_disconnect", ("cancel", "drain"), "cancel"),
        stream_usage=table.boolean("stream_usage", default=True),
        costs=_costs(table, models),
        **read_vendor_fields(table, provider, base_url, models),
        path=table.path,
    )


def _name(table: Table) -> str:
    name: str = table.text("name")
    fault = name_fault(name)
    if fault is not None:
        raise table.problem("name", fault)
    return name


def _channel_models(table: Table) -> dict[str, str]:
    models = table.entries("models")
    for public, upstream in models.items():
        place = (*table.path, "models", public)
        if not isinstance(upstream, str):
            template = "must be a string, not {what}"
            raise table.source.problem(place, template, what=kind(upstream))
        fault = model_name_fault(public) or model_name_fault(upstream, 300)
        if fault is not None:
            raise table.source.problem(place, "both names {reason}", reason=fault)
    return models


def _native_completions(table: Table, provider: Provider, models: dict[str, str]) -> frozenset[str]:
    names = table.texts("native_completions")
    for index, name in enumerate(names):
        place = (*table.path, "native_completions", index)
        if name not in models:
            template = '"{name}" is not among the models of this channel'
            raise table.source.problem(place, template, name=name)
        if provider.endpoint("openai_completions") is None:
            template = "{provider} has no completions of its own"
            raise table.source.problem(place, template, provider=provider.name)
    return frozenset(names)


def _base_url(table: Table, provider: Provider) -> str:
    has_own = provider.answer is not None or provider.base_url
    url: str = table.text("base_url", "") if has_own else table.text("base_url")
    if not url and has_own:
        return url
    parts = _url_parts(table, "base_url", url, ("http", "https"))
    if provider.base_query and _is_query(parts, provider.base_query):
        return url
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise table.problem("base_url", "must have neither ? nor #")
    return url.rstrip("/")


def _is_query(parts: SplitResult, name: str) -> bool:
    key, equals, value = parts.query.partition("=")
    is_plain = value.replace("-", "").replace(".", "").isalnum()
    return key == name and bool(equals) and is_plain and not parts.fragment


def _proxy(table: Table) -> str | None:
    url: str | None = table.text("proxy", None)
    if url is None:
        return None
    parts = _url_parts(table, "proxy", url, ("http", "https", "socks5", "socks5h"))
    if parts.path not in ("", "/") or "?" in url or "#" in url:
        raise table.problem("proxy", "must end after the port")
    return url.rstrip("/")


def _url_parts(table: Table, name: str, url: str, schemes: tuple[str, ...]) -> SplitResult:
    """Check what every address must be; an address with a password is never shown."""
    known = " or ".join(f"{scheme}://" for scheme in schemes)
    no_address = Message("must be an address that begins with {known}", known=known)
    if not _URL.fullmatch(url):
        raise table.problem(name, no_address)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise table.problem(name, "is not an address") from None
    if parts.scheme not in schemes or not host or port == 0:
        raise table.problem(name, no_address)
    if "@" in parts.netloc:
        reason = "must not hold credentials: they would be stored and shown in clear"
        raise table.problem(name, reason)
    return parts


def _headers(table: Table, environment: Mapping[str, str]) -> Pairs:
    headers = table.entries("headers", {})
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    for name, value in headers.items():
        place = (*table.path, "headers", name)
        if not _HEADER_NAME.fullmatch(name) or name.lower() in seen:
            raise table.source.problem(place, "is not the name of a header, or stands here twice")
        if name.lower() in _OWN_HEADERS:
            raise table.source.problem(place, "is set by the gateway; keys belong into api_key")
        text: object = value
        if isinstance(value, dict) and set(value) == {"env"}:
            variable = _variable(table, place, value["env"])
            text = environment.get(variable, "").strip() or UnsetHeader(variable)
        if not isinstance(text, str) or not _HEADER_VALUE.fullmatch(text):
            reason = 'must be a string of printable ASCII characters or { env = "NAME" }'
            raise table.source.problem(place, reason)
        seen.add(name.lower())
        found.append((name, text))
    return tuple(found)


def _costs(table: Table, models: dict[str, str]) -> dict[str, str]:
    costs = {}
    for name, document in table.entries("cost", {}).items():
        if name not in models:
            place = (*table.path, "cost", name)
            raise table.source.problem(place, "is not among the models of this channel")
        costs[name] = to_json(read_price(table, ("cost", name), document))
    return costs


def read_keys(table: Table, environment: Mapping[str, str]) -> Iterable[KeyDocument]:
    """Take `api_key` alone; a variable that is absent or empty gives no secret yet."""
    value = table.take("api_key", [])
    if not isinstance(value, list):
        yield _key(table, (*table.path, "api_key"), value, environment)
        return
    for index, item in enumerate(value):
        yield _key(table, (*table.path, "api_key", index), item, environment)


def _variable(table: Table, place: Path, name: object) -> str:
    """The name of an environment variable that is none of our own."""
    if not isinstance(name, str) or not _ENV_NAME.fullmatch(name):
        raise table.source.problem((*place, "env"), "must be the name of a variable")
    if name.upper().startswith("YIYUAN_"):
        raise table.source.problem((*place, "env"), "must not be one of our own variables")
    return name


def _key(table: Table, place: Path, value: object, environment: Mapping[str, str]) -> KeyDocument:
    """One key. No error may show what was written: it may be a key in the wrong place."""
    if isinstance(value, str):
        return KeyDocument(_plain(table, place, value), path=place)
    kinds = set(value) - {"expires_at"} if isinstance(value, dict) else set()
    if not isinstance(value, dict) or kinds not in ({"env"}, {"file"}, {"key"}):
        reason = 'must be a string or { env = "NAME" } or { file = "/path" }'
        raise table.source.problem(place, reason)
    expires_at = _expiry(table, place, value)
    if "key" in value:
        secret = _plain(table, (*place, "key"), value["key"])
        return KeyDocument(secret, expires_at=expires_at, path=place)
    if "file" in value:
        file = value["file"]
        found = read_key_file(file) if isinstance(file, str) else None
        if found is None:
            reason = "must be the path of a file with a key in it, readable here"
            raise table.source.problem((*place, "file"), reason)
        return KeyDocument(found, None, file, expires_at, place)
    name = _variable(table, place, value["env"])
    given = environment.get(name, "").strip()
    known = key_text(given) if given else ""
    if known is None:
        template = "the variable {name} must hold printable ASCII characters without spaces"
        raise table.source.problem((*place, "env"), template, name=name)
    return KeyDocument(known or None, name, None, expires_at, place)


def _plain(table: Table, place: Path, value: object) -> str:
    secret = key_text(value) if isinstance(value, str) else None
    if secret is None:
        raise table.source.problem(place, "must be printable ASCII characters without spaces")
    return secret


def _expiry(table: Table, place: Path, value: Mapping[str, object]) -> int | None:
    """When a key is over: ISO 8601 as text, or TOML's own date or time; a date is 00:00 UTC."""
    given = value.get("expires_at")
    if given is None:
        return None
    try:
        return parse_time(given.isoformat() if isinstance(given, date) else str(given))
    except (ValueError, OverflowError):
        reason = "must be a date or a time like 2027-01-31"
        raise table.source.problem((*place, "expires_at"), reason) from None
