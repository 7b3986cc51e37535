"""The client's own address and scheme, behind proxies that are trusted by name.

`X-Forwarded-For` is read from right to left: each proxy appends whom it saw, so
an entry is true as long as the one who wrote it is trusted. The first address
that is not a trusted proxy is the client; whatever stands left of it may be
forged. An entry that is no address ends the walk at the last true one.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from yiyuan.kernel.setting_readers import Network


def client_address(peer: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """The client's IP address, without port; `peer` is who is connected to us.

    IPv4 in IPv6 comes out as IPv4. A peer that is no address (a local socket)
    is returned as it is.
    """
    if not trusted and ":" not in peer:
        return peer
    current = _parse(peer)
    if current is None:
        return peer
    entries = forwarded_for.split(",") if forwarded_for else []
    while entries and _is_trusted(current, trusted):
        previous = _parse(entries.pop())
        if previous is None:
            break
        current = previous
    return str(current)


def client_scheme(peer: str, forwarded_proto: str | None, trusted: Sequence[Network]) -> str:
    """`https` or `http`: what a trusted proxy says the client used, else what we speak."""
    address = _parse(peer)
    if not forwarded_proto or address is None or not _is_trusted(address, trusted):
        return "http"
    nearest = forwarded_proto.rpartition(",")[2].strip().lower()
    return "https" if nearest == "https" else "http"


def is_trusted_peer(peer: str, trusted: Sequence[Network]) -> bool:
    """Whether whoever is connected to us is a proxy whose headers are believed."""
    address = _parse(peer)
    return address is not None and _is_trusted(address, trusted)


def _is_trusted(address: IPv4Address | IPv6Address, trusted: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks."""
    return any(address in network for network in trusted)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Read `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text, bracket, port = text[1:].partition("]")
        if not bracket or not _is_port(port):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port(f":{port}"):
            return None
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_port(text: str) -> bool:
    """Whether this is nothing, or a colon and a number."""
    return not text or (text[0] == ":" and text[1:].isascii() and text[1:].isdigit())
