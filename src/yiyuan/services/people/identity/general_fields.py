"""What an operator sets of every sign-in service, whichever preset it has."""

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from yiyuan.services.shared.request import invalid

ROLES_TO_GIVE: Final = ("finance", "support", "readonly")
"""Nobody becomes an owner by what another service says."""
_ALLOWS: Final = ("", "sign_in", "sign_up")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.ASCII)
_TITLE_CHARACTERS_MAX = 60
_POSITION_DIGITS_MAX = 4
_MANY_MAX = 100


def read_general(fields: Mapping[str, str]) -> dict[str, Any]:
    """The general fields among these, as columns. Raises ServiceError `invalid_argument`."""
    return dict(read(fields[name].strip()) for name, read in _READERS.items() if name in fields)


def _title(text: str) -> tuple[str, Any]:
    if len(text) > _TITLE_CHARACTERS_MAX or (text and not text.isprintable()):
        raise invalid(
            "title", "must be one line of at most {most} characters", most=_TITLE_CHARACTERS_MAX
        )
    return "title", text


def _allows(text: str) -> tuple[str, Any]:
    if text not in _ALLOWS:
        raise invalid("allows", "must be sign_in, sign_up or empty")
    return "allows", text


def _mail_domains(text: str) -> tuple[str, Any]:
    """`corp.example, corp.test`, in the form that addresses have on the wire."""
    found = []
    for part in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            domain = part.encode("idna").decode()
        except UnicodeError:
            domain = ""
        if not _DOMAIN.fullmatch(domain):
            raise invalid("mail_domains", 'holds "{name}", which is no domain', name=part[:100])
        found.append(domain)
    return "mail_domains", json.dumps(found[:_MANY_MAX])


def _roles(text: str) -> tuple[str, Any]:
    """`admins=finance, helpdesk=support`."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        group, equals, role = part.rpartition("=")
        if not equals or not group.strip() or role.strip() not in ROLES_TO_GIVE:
            known = ", ".join(ROLES_TO_GIVE)
            raise invalid(
                "roles", "must be pairs of group=role; a role is one of {known}", known=known
            )
        found[group.strip()] = role.strip()
    return "roles", json.dumps(dict(list(found.items())[:_MANY_MAX]))


def _second_factor(text: str) -> tuple[str, Any]:
    if text not in ("true", "false", ""):
        raise invalid("second_factor", "must be true or false")
    return "is_second_factor", int(text == "true")


def _position(text: str) -> tuple[str, Any]:
    if not (text.isascii() and text.isdecimal()) or len(text) > _POSITION_DIGITS_MAX:
        raise invalid("position", "must be a whole number")
    return "position", int(text)


_READERS: Final[Mapping[str, Callable[[str], tuple[str, Any]]]] = MappingProxyType(
    {
        "title": _title,
        "allows": _allows,
        "mail_domains": _mail_domains,
        "roles": _roles,
        "second_factor": _second_factor,
        "position": _position,
    }
)
GENERAL: Final = frozenset(_READERS)
