"""The peer's IP address as text, from what the socket says."""

import ipaddress


def peer_address(peername: object) -> str:
    """The address of an IPv4 or IPv6 peer; empty for a Unix socket.

    An IPv4 client of a dual-stack socket (`::ffff:192.0.2.1`) is told by its
    IPv4 address, so that rules written for it hold; a scope (`%eth0`) is cut.
    """
    if not isinstance(peername, tuple) or not peername:
        return ""
    text = str(peername[0]).partition("%")[0]
    if ":" not in text:
        return text
    address = ipaddress.IPv6Address(text)
    return str(address.ipv4_mapped or address)
