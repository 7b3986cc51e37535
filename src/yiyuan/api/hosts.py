"""Which `Host` names are answered: a page elsewhere whose name leads here gets nothing.

A browser that was told by a name server that `evil.example` is 127.0.0.1 sends our own
cookies nowhere, but what trusts a loopback peer would trust it. Health checks come with
whatever name their prober knows, and say nothing worth protecting; `/metrics` with a
bearer is protected by that.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from yiyuan.auth.client_address import is_trusted_peer
from yiyuan.http.server.exchange import Exchange
from yiyuan.kernel.errors import HostNotAllowed
from yiyuan.services.shared.context import ServiceContext

_SHOWN_CHARACTERS_MAX = 200
_REMEMBERED_MAX = 256
_ALWAYS = frozenset({"/healthz", "/readyz"})
_EVERY_INTERFACE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - nothing is bound here


class AllowedHosts:
    """The names that this server answers to."""

    def __init__(self, context: ServiceContext) -> None:
        """Without a list, the hosts of the two addresses and of the socket are meant."""
        self._context = context
        settings = context.settings
        self._has_metrics_token = settings.metrics_token is not None
        names = set(settings.allowed_hosts)
        if not names:
            urls = (settings.public_url, settings.api_url)
            names = {urlsplit(url).hostname or "" for url in urls}
            names |= {settings.host.lower()} - _EVERY_INTERFACE
        self._names = {name for name in names if name and not name.startswith("*")}
        self._endings = tuple(name[1:] for name in names if name.startswith("*."))
        self._takes_all = "*" in names
        self._answered: set[str] = set()
        """Headers that were found to be allowed, as they were sent."""

    def check(self, exchange: Exchange) -> None:
        """Refuse a host that is not served here. Raises HostNotAllowed.

        A proxy that nobody told us to trust is noted; `doctor` speaks of it.
        """
        headers = exchange.headers
        is_known = "host" in headers and headers["host"] in self._answered
        if not is_known and not self.allows(exchange):
            raise HostNotAllowed(host=exchange.headers["host"][:_SHOWN_CHARACTERS_MAX])
        context = self._context
        if "x-forwarded-for" not in headers or context.untrusted_forwarder:
            return
        if not is_trusted_peer(exchange.peer, context.settings.trusted_proxies):
            context.untrusted_forwarder = exchange.peer

    def allows(self, exchange: Exchange) -> bool:
        """Whether a request may be answered; one that names no host may."""
        header = exchange.headers.get("host")
        host = host_of(header)
        if host is None or self._takes_all or exchange.path in _ALWAYS:
            return True
        if exchange.path == "/metrics" and self._has_metrics_token:
            return True
        is_ours = host in self._names or is_loopback(host) or host.endswith(self._endings)
        if is_ours and header is not None and len(self._answered) < _REMEMBERED_MAX:
            self._answered.add(header)
        return is_ours


def host_of(header: str | None) -> str | None:
    """The name of a `Host` header, in lower case and without its port."""
    if not header:
        return None
    name = header.lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")


def is_loopback(host: str) -> bool:
    """Whether a name is this machine's own, for everybody."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
