"""Mailboxes and the addresses that ask for mail: which are the same, which are allowed.

Pure. A domain is compared label by label after IDNA, never by the end of its text.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_DOTLESS: Final = frozenset({"gmail.com", "googlemail.com"})


def domain_of(email: str) -> str:
    """The domain in ASCII and lower case; of something strange, as it stands."""
    domain = email.rpartition("@")[2].strip().rstrip(".").lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def canonical(email: str) -> str:
    """The mailbox that all spellings of it share: no case, no `+tag`, no dots where unused."""
    local, domain = email.rpartition("@")[0].strip().lower(), domain_of(email)
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def is_domain_rule(text: str) -> bool:
    """Whether a text can stand in a list of domains: `corp.example` or `*.corp.example`."""
    name = domain_of("@" + text.removeprefix("*."))
    labels = name.split(".")
    return (
        len(labels) > 1
        and "@" not in text
        and len(name) <= 253
        and all(
            0 < len(label) <= 63 and label.replace("-", "a").isalnum() and label.isascii()
            for label in labels
        )
    )


def is_listed(email: str, rules: Iterable[str]) -> bool:
    """Whether a list of domains names this mailbox's; `*.` takes what is below only."""
    domain = domain_of(email)
    for rule in rules:
        name = domain_of("@" + rule.removeprefix("*."))
        if rule.startswith("*."):
            if domain.endswith("." + name):
                return True
        elif domain == name:
            return True
    return False


def client(address: str) -> str:
    """Who asks, for limits: an IPv4 address, or the /64 of an IPv6 address."""
    found = _read(address)
    return _network(found, 32, 64) if found is not None else address[:60]


def block(address: str) -> str:
    """The neighbourhood of who asks: the /24 of an IPv4 address, the /64 of an IPv6 one."""
    found = _read(address)
    return _network(found, 24, 64) if found is not None else address[:60]


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _network(address: IPv4Address | IPv6Address, v4_bits: int, v6_bits: int) -> str:
    bits = v4_bits if isinstance(address, IPv4Address) else v6_bits
    return str(ip_network((address, bits), strict=False))
