"""Response heads and refusals, in the client's own dialect and language."""

import orjson

from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.hold.token_budgets import budget_headers
from yiyuan.gateway.request.context import Reserved
from yiyuan.gateway.request.exchange import Exchange
from yiyuan.http.server.status_lines import encode_headers
from yiyuan.i18n.languages import choose_language
from yiyuan.kernel.errors import ApiError, Header
from yiyuan.ledger.rules.views import BudgetView

JSON_TYPE: Header = ("content-type", "application/json")
_WHOLE_LINES = "content-type: application/json\r\nx-yiyuan-charge: "
_STREAM_LINES = encode_headers(
    (
        ("content-type", "text/event-stream; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("x-accel-buffering", "no"),
    )
)


def language_of(exchange: Exchange, default: str) -> str:
    """The language that the client reads."""
    if "accept-language" not in exchange.headers:
        return default
    accepted = exchange.headers["accept-language"]
    return choose_language(accepted, default) if accepted else default


def reply_headers(reserved: Reserved) -> bytes:
    """Header lines of a successful answer, as far as they are known before the body."""
    context = reserved.context
    if context.is_stream:
        lines = _STREAM_LINES
    else:
        lines = f"{_WHOLE_LINES}{context.charge_micros}\r\n".encode("ascii")
    admitted = reserved.admitted
    is_plain = reserved.clamped_to is None and reserved.asked_model is None
    if is_plain and not (admitted.headers or admitted.request.dropped or reserved.budget):
        return lines  # as a rule there is nothing more to tell
    return encode_headers(_told_headers(reserved)) + lines


def _told_headers(reserved: Reserved) -> list[Header]:
    """What there is to tell of a limit, a budget, another model or what was left out."""
    headers = list(reserved.admitted.headers)
    if reserved.clamped_to is not None:
        headers.append(("x-yiyuan-max-tokens-clamped", str(reserved.clamped_to)))
    if reserved.budget is not None:
        headers += _budget_headers(reserved, reserved.budget)
    if reserved.asked_model is not None:
        headers.append(("x-yiyuan-model", reserved.admitted.model.name))
    if reserved.admitted.request.dropped:
        names = dict.fromkeys(reserved.admitted.request.dropped)
        headers.append(("x-yiyuan-dropped-params", ",".join(names)[:1000]))
    return headers


def _budget_headers(reserved: Reserved, budget: BudgetView) -> tuple[Header, ...]:
    """What the token's budgets leave: after the charge, or, before it, beside the hold."""
    remaining = budget.available_micros or 0
    if reserved.context.settled is not None:
        remaining += reserved.amount_micros - reserved.context.charge_micros
    return budget_headers(remaining, budget.resets_at)


def refuse(
    exchange: Exchange,
    dialect: Dialect,
    error: ApiError,
    language: str,
    headers: tuple[Header, ...] = (),
) -> None:
    """Answer with an error object; `headers` are those of the limit, if known."""
    own = {name for name, _ in error.headers}
    lines = [JSON_TYPE, *error.headers, *(h for h in headers if h[0] not in own)]
    body = dialect.write_error(error, language, exchange.request_id)
    exchange.respond(error.status, lines, orjson.dumps(body))
