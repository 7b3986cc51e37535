"""Readers of single setting values: text in, typed value out.

Each raises ValueError (ours: WrongValue) with a reason that completes "VARIABLE: …". Readers of
values that may be secret never repeat the value.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from yiyuan.i18n.message import WrongValue

Network = IPv4Network | IPv6Network


def read_text(value: str) -> str:
    """Any text."""
    return value


def read_url(value: str) -> str:
    """An http(s) address without its trailing slash."""
    no_address = WrongValue("must be an address that begins with http:// or https://")
    try:
        parts = urlsplit(value)
    except ValueError:  # brackets that do not close, or hold no address
        raise no_address from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise no_address
    try:
        assert parts.port is None or parts.port >= 0  # reading it raises for a wrong port
    except ValueError:
        raise WrongValue("must have a port from 0 to 65535") from None
    if parts.query or parts.fragment or parts.username:
        raise WrongValue("must have neither credentials nor ? nor #")
    return value.rstrip("/")


def scheme_reader(*schemes: str) -> Callable[[str], str]:
    """Make a reader for URLs of some schemes; the URL itself may hold a password."""

    def read(value: str) -> str:
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise WrongValue("must begin with {scheme}", scheme=f"{schemes[0]}://")
        return value

    return read


def read_proxy(value: str) -> str:
    """A proxy's address as curl takes it: without a scheme it is http."""
    schemes = ("http", "https", "socks5", "socks5h")
    return scheme_reader(*schemes)(value if "://" in value else f"http://{value}")


def choice_reader(*choices: str) -> Callable[[str], str]:
    """Make a reader for one of a few words."""

    def read(value: str) -> str:
        if value not in choices:
            raise WrongValue("must be one of {choices}", choices=", ".join(choices))
        return value

    return read


def read_networks(value: str) -> tuple[Network, ...]:
    """CIDRs or single addresses, separated by commas or spaces."""
    found = []
    for item in value.replace(",", " ").split():
        try:
            found.append(ip_network(item))
        except ValueError:
            raise WrongValue(
                "{item} is not a network such as 10.0.0.0/8", item=repr(item)
            ) from None
    return tuple(found)


_HOST_NAME = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[?[0-9A-Fa-f:.]+\]?|\*")


def read_hosts(value: str) -> tuple[str, ...]:
    """Host names or addresses without ports, separated by commas or spaces."""
    found = value.replace(",", " ").split()
    for item in found:
        if not _HOST_NAME.fullmatch(item):
            raise WrongValue("{item} is not a host name such as api.example.com", item=repr(item))
    return tuple(item.lower().strip("[]").rstrip(".") for item in found)


def read_bearer(value: str) -> str:
    """What can stand in an Authorization header."""
    if not value.isascii() or not value.isprintable() or " " in value:
        raise WrongValue("must be printable ASCII without spaces")
    return value


def integer_reader(least: int, most: int) -> Callable[[str], int]:
    """Make a reader for whole numbers in a range."""

    def read(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise WrongValue("must be a whole number") from None
        if not least <= number <= most:
            raise WrongValue("must be from {least} to {most}", least=least, most=most)
        return number

    return read


def local_url(host: str, port: int) -> str:
    """The URL of a listening address, as a person on this machine would open it."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
