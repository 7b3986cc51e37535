"""How the value of a setting is checked, and read from a command line's text.

A check returns the value to keep and raises WrongValue with what is wrong, as the end
of a sentence that begins with the setting's name.
"""

import base64
import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from yiyuan.i18n.message import WrongValue
from yiyuan.kernel.money import MICROS_MAX, parse_millionths

Check = Callable[[Any], Any]

_URL_CHARACTERS_MAX: Final = 500
_DOMAINS_MAX: Final = 1_000
_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_COLOR: Final = re.compile(r"#[0-9a-f]{6}")
_PICTURE: Final = re.compile(
    r"data:image/(?:svg\+xml|png|jpeg|webp|x-icon|vnd\.microsoft\.icon);base64,([A-Za-z0-9+/]+=*)"
)
PICTURE_BYTES_MAX: Final = 32 * 1024
_MAILBOX: Final = re.compile(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,189}")


def text(most: int) -> Check:
    """Plain text of at most so many characters."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise WrongValue("must be a text of at most {most} characters", most=most)
        if any(not c.isprintable() and c != "\n" for c in value):
            raise WrongValue("must be plain text")
        return value.strip()

    return check


def choice(*choices: str) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        if value not in choices:
            raise WrongValue("must be one of {choices}", choices=", ".join(choices))
        return str(value)

    return check


def number(least: int, most: int) -> Check:
    """A whole number within bounds."""

    def check(value: Any) -> int:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not least <= value <= most:
            reason = "must be a whole number from {least} to {most}"
            raise WrongValue(reason, least=least, most=most)
        return int(value)

    return check


amount: Final = number(0, MICROS_MAX)
"""Money in micros."""


def yes_or_no(value: Any) -> bool:
    """True or false."""
    if value is not True and value is not False:
        raise WrongValue("must be true or false")
    return bool(value)


def color(value: Any) -> str:
    """A colour such as #0b7285, or nothing."""
    found = text(_URL_CHARACTERS_MAX)(value).lower()
    if found and not _COLOR.fullmatch(found):
        raise WrongValue("must be a colour such as #0b7285")
    return str(found)


def picture(value: Any) -> str:
    """A small picture as a data URI, or nothing. Browsers run no scripts of such pictures."""
    if value == "":
        return ""
    found = _PICTURE.fullmatch(value) if isinstance(value, str) else None
    try:
        size = len(base64.b64decode(found[1], validate=True)) if found else 0
    except ValueError:
        size = 0
    if not 0 < size <= PICTURE_BYTES_MAX:
        reason = "must be a picture (SVG, PNG, JPEG, WebP, ICO) of at most 32 kB as a data URI"
        raise WrongValue(reason)
    return str(value)


def link(value: Any) -> str:
    """An http or https address, or nothing."""
    found = text(_URL_CHARACTERS_MAX)(value)
    if found and not _is_address(found):
        raise WrongValue("must be an address that begins with https:// or http://")
    return str(found)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that do not close, or hold no address
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def host(value: Any) -> str:
    """A host's name or address, or nothing."""
    if not isinstance(value, str) or (value and not _HOST.fullmatch(value)):
        raise WrongValue("must be the name or the address of a host, without a port")
    return value


def mailbox(value: Any) -> str:
    """`a@b.example`, or nothing."""
    if not isinstance(value, str) or (value and not _MAILBOX.fullmatch(value)):
        raise WrongValue("must be an e-mail address")
    return value


def sender(value: Any) -> str:
    """`Name <a@b.example>`, an address, or nothing."""
    found = str(text(_URL_CHARACTERS_MAX)(value))
    name, bracket, rest = found.partition("<")
    if not bracket:
        name, rest = "", found
    address = rest.removesuffix(">") if bracket else rest
    is_one = _MAILBOX.fullmatch(address) and not set(name) & set('@,;"<>\n')
    if found and (not is_one or bool(bracket) != found.endswith(">")):
        raise WrongValue("must be an e-mail address, or Name <address>")
    return found


def domains(value: Any) -> str:
    """Domains with spaces or commas between them, or a list of them; spaces are kept."""
    found = _listed(value) if isinstance(value, str) else value
    if not isinstance(found, list) or len(found) > _DOMAINS_MAX:
        raise WrongValue("must be domains such as corp.example or *.corp.example")
    return " ".join(dict.fromkeys(_domain(each) for each in found if each != ""))


def _listed(text: str) -> Any:
    if not text.lstrip().startswith("["):
        return re.split(r"[\s,;]+", text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _domain(value: Any) -> str:
    rule = value.strip().lower().rstrip(".") if isinstance(value, str) else ""
    name = rule.removeprefix("*.")
    try:
        labels = name.encode("idna").decode().split(".")
    except UnicodeError:
        labels = []
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise WrongValue("must be domains such as corp.example or *.corp.example")
    return rule


def from_text(default: Any, given: str) -> Any:
    """What a command line's text means for a setting whose default is this."""
    if isinstance(default, bool):
        if given not in ("true", "false"):
            raise WrongValue("must be true or false")
        return given == "true"
    if not isinstance(default, int):
        return given
    if given.startswith(("¥", "￥")):
        return parse_millionths(given[1:])
    try:
        return int(given.replace("_", ""))
    except ValueError:
        raise WrongValue("must be a whole number") from None
