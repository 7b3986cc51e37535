"""How many files the process may have open: each connection is one.

Systems start processes with a low limit that they may raise themselves, for the sake of
old programs. A server that does not would turn clients away at a thousand.
"""

import resource

from yiyuan.http.server.server_limits import ServerLimits

_BESIDES_CLIENTS = 1_024


def files_needed(limits: ServerLimits | None = None) -> int:
    """The least that lets all clients in: their connections, and some to upstreams."""
    return (limits or ServerLimits()).connections_max + _BESIDES_CLIENTS


def raise_limit() -> None:
    """Raise this process's limit to twice what is needed, or as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * files_needed()
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
