"""The refusal of a method that an address does not take: 405, with what it takes in `Allow`."""

from yiyuan.gateway.request.exchange import Exchange
from yiyuan.kernel.errors import MethodNotAllowed


def not_allowed(exchange: Exchange, allowed: str, beside: str) -> MethodNotAllowed:
    """The refusal; `allowed` is the method to use, `beside` the other one that is taken."""
    return MethodNotAllowed(
        headers=(("allow", f"{allowed}, {beside}"),),
        method=exchange.method,
        path=exchange.path[:200],
        allowed=allowed,
    )


def check_is_read(exchange: Exchange) -> None:
    """Refuse what is neither GET nor HEAD, where there is something to read."""
    if exchange.method not in ("GET", "HEAD"):
        raise not_allowed(exchange, "GET", "HEAD")
