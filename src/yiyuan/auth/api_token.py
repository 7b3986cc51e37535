"""API tokens: how their keys are made, hashed, masked and, when wrong, explained.

A key exists in clear only in the answer that first shows it and in requests; we
keep its HMAC-SHA256 under the pepper, 32 bytes, which is also what a request's
key is looked up by. What a 401 says of a key is safe to show and log: at most a
known prefix and the last four characters.
"""

import base64
import hmac
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple
from urllib.parse import unquote

from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.setting_readers import Network

KEY_PREFIX = "sk-"
KEY_LENGTH_MAX = 512
_IMPORTED_LENGTHS = range(20, 257)
_MASK = "****"

_CHINESE_PLACEHOLDER = re.compile("[您你]的|密钥|词元")
_LETTERS_PLACEHOLDER = re.compile(
    r"(bearer)?(sk)?(insert|enter|paste|replacewith)?(your|my)?(own)?"
    r"(openai|anthropic|yiyuan|llm)?(api)?(secret)?(key|token)?(goes)?(here)?x*"
)


class BudgetKey(NamedTuple):
    """Which budget: by its id, its period, and the one model that it counts, or all."""

    id: str
    period: str
    model: str | None


WILDCARD: Final = "*"
"""In the name of a token's model it stands for any text: `gpt-4*` is every model of that kind."""


def matches(pattern: str, model: str) -> bool:
    """Whether a model is meant by a name, in which a `*` is any text."""
    first, *rest = pattern.split(WILDCARD)
    if not rest:
        return model == pattern
    last = rest.pop()
    if len(model) < len(first) + len(last) or not model.startswith(first):
        return False
    if not model.endswith(last):
        return False
    place, end = len(first), len(model) - len(last)
    for part in rest:
        found = model.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


@dataclass(slots=True, frozen=True)
class ApiToken:
    """What an API token may do; None means unrestricted. Times are wall-clock ms."""

    id: str
    account_id: str
    name: str
    models: frozenset[str] | None = None
    networks: tuple[Network, ...] | None = None
    expires_at_ms: int | None = None
    rpm: int | None = None
    budgets: tuple[BudgetKey, ...] = ()
    clamp_explicit: bool = False
    revoked_at: int | None = None
    disabled_at: int | None = None
    promised_balance_micros: int = 0
    """The account's tier is at least that of this balance, as an operator promised."""
    group: str | None = None
    """Its own group, or the account's default one."""

    def refusal(self, now_ms: int, key_hint: str) -> Phrase | None:
        """Why the token is no longer good, for the 401; None if it is."""
        if self.revoked_at is not None:
            return Phrase("key_revoked", hint=key_hint)
        if self.disabled_at is not None:
            return Phrase("key_disabled", hint=key_hint)
        if self.expires_at_ms is not None and self.expires_at_ms <= now_ms:
            return Phrase("key_expired", hint=key_hint)
        return None

    @property
    def may_be_refused(self) -> bool:
        """Whether `refusal` has to be asked at all."""
        return not (self.revoked_at is self.disabled_at is self.expires_at_ms is None)

    @property
    def is_unhindered(self) -> bool:
        """Whether who knows its key may use it from anywhere, and does for ever."""
        return self.networks is None and not self.may_be_refused

    def budgets_for(self, model: str) -> tuple[BudgetKey, ...]:
        """The budgets that a request for a model counts in."""
        if not self.budgets:
            return ()
        return tuple(key for key in self.budgets if key.model is None or key.model == model)

    def allows_model(self, model: str) -> bool:
        """Whether the token may use a model."""
        if self.models is None or model in self.models:
            return True
        return any(matches(pattern, model) for pattern in self.models if WILDCARD in pattern)

    def allows_address(self, address: str) -> bool:
        """Whether the token may be used from a client's address; not from an unknown one."""
        if self.networks is None:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self.networks)


def new_key() -> str:
    """A fresh key: `sk-` and 32 random bytes in base64url, 46 characters."""
    return KEY_PREFIX + base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()


class KeyHasher:
    """Hashes keys under one pepper: HMAC-SHA256.

    The keyed state is made once and copied: that is twice as fast as `hmac.digest`,
    and does not give up the interpreter in the middle of every request.
    """

    def __init__(self, pepper: bytes) -> None:
        """`pepper` is the installation's, from `SecretKeys.token_pepper`."""
        self._keyed = hmac.new(pepper, digestmod="sha256")

    def hash(self, key: str) -> bytes:
        """The 32 bytes by which a key is kept and found; never raises for any text."""
        state = self._keyed.copy()
        state.update(key.encode("utf-8", "surrogatepass"))
        return state.digest()


def hash_key(pepper: bytes, key: str) -> bytes:
    """The same, for a single key."""
    return KeyHasher(pepper).hash(key)


def is_importable(key: str) -> bool:
    """Whether a key from another system can be taken over: 20–256 printable, no space."""
    return len(key) in _IMPORTED_LENGTHS and _is_plain(key)


def hint(key: str) -> str:
    """A mask by which the owner knows the key and nobody else learns it: `sk-****Ab3d`."""
    if not _is_plain(key) or len(key) not in range(_IMPORTED_LENGTHS.start, KEY_LENGTH_MAX + 1):
        return _MASK
    prefix = KEY_PREFIX if key.startswith(KEY_PREFIX) else ""
    ending = re.sub(r"[^A-Za-z0-9_-]", "*", key[-4:])
    return f"{prefix}{_MASK}{ending}"


def looks_like(key: str | None) -> Phrase | str:
    """What to say in the 401 of a key that is not known: its likely fault, or its mask."""
    if not key:
        return Phrase("key_missing")
    if len(key) > KEY_LENGTH_MAX:
        return _MASK
    if key.lower().startswith(("http://", "https://")):
        return Phrase("key_is_url")
    if any(_is_placeholder(reading) for reading in _readings(key)):
        return Phrase("key_placeholder")
    return hint(key)


def _is_plain(key: str) -> bool:
    """Printable ASCII without spaces: what a real key consists of."""
    return key.isascii() and key.isprintable() and " " not in key


def _is_placeholder(text: str) -> bool:
    """Whether this is what a documentation writes where the key belongs."""
    if _CHINESE_PLACEHOLDER.search(text):
        return True
    if any(character.isdigit() for character in text):
        return False
    letters = re.sub(r"[^a-z]", "", text.lower())
    return _LETTERS_PLACEHOLDER.fullmatch(letters) is not None


def _readings(key: str) -> Iterator[str]:
    """The key, and what it was before a client or shell mangled its non-ASCII letters.

    Header bytes reach us as latin-1. Behind it may be UTF-8 (most clients), UTF-8
    of mangled UTF-8, GBK (a Chinese Windows shell) or percent-escapes.
    """
    yield key
    if "%" in key:
        yield unquote(key)
    if key.isascii():
        return
    raw = _latin_1(key)
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            reading = raw.decode(encoding)
            yield reading
            with suppress(UnicodeDecodeError):
                yield _latin_1(reading).decode(encoding)


def _latin_1(text: str) -> bytes:
    """The bytes behind latin-1 text; what is not latin-1 becomes `?`."""
    return text.encode("latin-1", "replace")
