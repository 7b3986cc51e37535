"""A channel's extra headers: sealed at rest like keys, and named by reference in an export.

A value may be a secret of the vendor's, so it stands neither in the database nor in an
export in clear. A reference is a variable; what stands behind an export's own is what is
stored, as long as the channel leads to the same place.
"""

import base64
import json
import re
import zlib
from dataclasses import replace

from yiyuan.auth.encryption import decrypt, encrypt
from yiyuan.services.catalog.document import ChannelDocument, Pairs, UnsetHeader
from yiyuan.services.catalog.reading.toml_fields import Source

_NONE = "{}"
_SEALED = "sealed:"


def seal_headers(seal_key: bytes, headers: Pairs, channel_id: str) -> str:
    """What is stored of a channel's headers."""
    if not headers:
        return _NONE
    sealed = encrypt(seal_key, json.dumps(dict(headers)), _owner(channel_id))
    return _SEALED + base64.b64encode(sealed).decode()


def open_headers(seal_key: bytes, stored: str, channel_id: str) -> Pairs:
    """The headers behind what is stored, in clear by an older release too. Raises SealError."""
    if stored.startswith(_SEALED):
        sealed = base64.b64decode(stored.removeprefix(_SEALED))
        stored = decrypt(seal_key, sealed, _owner(channel_id))
    return tuple(json.loads(stored).items())


def is_sealed(stored: str) -> bool:
    """Whether nothing of it is in clear."""
    return stored == _NONE or stored.startswith(_SEALED)


def reference(channel: str, header: str) -> str:
    """The variable that stands in an export for a header's value, one for each of each channel."""
    name = re.sub(r"[^A-Z0-9]", "_", f"{channel}_{header}".upper(), flags=re.ASCII)
    return f"UPSTREAM_HEADER_{name}_{zlib.crc32(f'{channel} {header}'.encode()):08X}"


def with_headers(
    source: Source, channel: ChannelDocument, before: ChannelDocument | None
) -> ChannelDocument:
    """The channel with every header's value, which must be known by now."""
    if not any(isinstance(value, UnsetHeader) for _, value in channel.headers):
        return channel
    known = {} if before is None else dict(before.headers)
    found = []
    for name, value in channel.headers:
        if isinstance(value, UnsetHeader):
            place = (*channel.path, "headers", name)
            if value != reference(channel.name, name) or name not in known or before is None:
                template = "the environment variable {name} is not set"
                raise source.problem(place, template, name=value)
            if _place(before) != _place(channel):
                template = "the address has changed, so it must be given again: set {name}"
                raise source.problem(place, template, name=value)
            found.append((name, known[name]))
        else:
            found.append((name, value))
    return replace(channel, headers=tuple(found))


def _place(channel: ChannelDocument) -> tuple[str, str, str | None]:
    return channel.provider, channel.base_url, channel.proxy


def _owner(channel_id: str) -> str:
    return f"headers {channel_id}"
