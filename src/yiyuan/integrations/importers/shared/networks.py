"""Addresses that a key was limited to, never wider here than they were there.

Each program read such lists in its own way. A line that it could not read is left out
where a good one stands beside it; a list without any good line becomes None here, and
then its key is moved switched off.
"""

import re
from ipaddress import ip_network

_BREAKS = re.compile(r"[\r\n,]+")


def address_lines(value: str) -> list[str]:
    """The lines of a list: by line break or comma, blanks trimmed, empty ones gone."""
    return [line.strip() for line in _BREAKS.split(value) if line.strip()]


def networks_of(lines: list[str], *, cidr_only: bool = False) -> tuple[str, ...] | None:
    """The lines that are addresses or networks (host bits are cut); None if there is none."""
    found: list[str] = []
    for line in lines:
        if cidr_only and "/" not in line:
            continue
        try:
            network = str(ip_network(line, strict=False))
        except ValueError:
            continue
        if line.isascii() and network not in found:
            found.append(network)
    return tuple(found) or None
