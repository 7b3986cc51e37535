"""The block that an address belongs to, as far as one customer of a network goes.

One IPv4 address, or one IPv6 /64: whoever has one address of a /64 has them all. What is
no address (a local socket) is a block of its own.
"""

from ipaddress import IPv6Address, ip_address, ip_network

LOCAL = "local"
_IPV6_PREFIX = 64


def address_block(address: str) -> str:
    """The block's text: `203.0.113.7`, `2001:db8:1:2::/64`, `local`."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return LOCAL
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found)
