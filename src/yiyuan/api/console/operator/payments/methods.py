"""Ways to pay, as operators set them up. Secrets go in; only their hints come out."""

from typing import Any, Final

import msgspec

from yiyuan.api.console.account.payments.order_view import Picture, Show, drawn
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import FINANCE_ROLES, OPERATOR_READS, OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import Line, Page, RequestBody, ResponseBody
from yiyuan.services.payments.methods import commands, setup
from yiyuan.services.payments.methods.commands import OneMethod
from yiyuan.services.payments.methods.instances import known_methods
from yiyuan.services.shared.request import Nothing

GROUP: Final = "payment_methods"
"""What its routes are called in the audit log and in the OpenAPI document."""


class KindField(ResponseBody):
    """One thing to fill in, in the reader's language."""

    name: str
    title: str
    help: str
    is_secret: bool
    is_required: bool
    is_long: bool
    choices: list[str]
    default: str


class Kind(ResponseBody):
    """A kind of method, and what it wants."""

    kind: str
    title: str
    currencies: list[str]
    fields: list[KindField]


class SecretView(ResponseBody):
    """What may be seen of a secret."""

    hint: str
    replaced: str


class PaymentMethod(ResponseBody):
    """One instance; `notify_url` is what the provider's console asks for."""

    id: str
    name: str
    kind: str
    notify_url: str
    enabled: bool
    is_test: bool
    fields: dict[str, str]
    secrets: dict[str, SecretView]
    old_secrets_until: str | None
    notified: str | None
    rests_until: str | None
    """It failed five times in a row: its orders are asked about again from then on."""


class PaymentMethodAsk(RequestBody):
    """What is not given stays as it is, secrets too; a new one is live unless it `is_test`."""

    name: Line
    kind: Line
    set: dict[str, str] = msgspec.field(default_factory=dict)
    secrets: dict[str, str] = msgspec.field(default_factory=dict)
    is_test: bool | None = None


class MethodCheck(ResponseBody):
    """What came of making and asking the smallest order; `show` is how to pay it."""

    ok: bool
    created: bool
    reason: str
    shown: str | None
    asked: str
    closed: bool | None
    found_md5_tail: str | None
    notify_url: str
    notified: str | None
    number: str
    amount: str
    """What the test order costs, with its currency."""
    show: Show | None
    picture: Picture | None
    waits_until: str | None
    """A notify is waited for until then, see `…/check/{number}`."""


class MethodArrival(ResponseBody):
    """A test order's notify: `waiting`, `arrived` (then `at`), `missing` (then `reason`)."""

    state: str
    reason: str
    at: str | None


async def list_kinds(visit: ConsoleRequest, _: Empty) -> Page[Kind]:
    """Every kind of method, with its fields and help."""
    index = 1 if visit.language == "zh" else 0
    return Page(
        items=[
            Kind(
                kind=method.name,
                title=method.title[index],
                currencies=sorted(method.currencies),
                fields=[
                    KindField(
                        name=field.name,
                        title=field.title[index],
                        help=field.help[index],
                        is_secret=field.is_secret,
                        is_required=field.is_required,
                        is_long=field.is_long,
                        choices=list(field.choices),
                        default=field.default,
                    )
                    for field in method.fields
                ],
            )
            for method in known_methods().values()
        ]
    )


async def list_methods(visit: ConsoleRequest, _: Empty) -> Page[PaymentMethod]:
    """All instances."""
    found = await commands.method_list(visit.context, Nothing())
    return Page(items=msgspec.convert(found["methods"], list[PaymentMethod]))


async def put(visit: ConsoleRequest, asked: PaymentMethodAsk) -> PaymentMethod:
    """Set one up, or change the one of this name."""
    visit.subject = asked.name
    row = await setup.put(
        visit.context,
        asked.name,
        asked.kind,
        asked.set,
        asked.secrets,
        is_test=asked.is_test,
        allow_private=None,
    )
    return _shown(setup.method_document(visit.context, row))


async def enable(visit: ConsoleRequest, _: Empty) -> PaymentMethod:
    """Offer it to customers."""
    return _shown(await commands.method_enable(visit.context, _named(visit)))


async def disable(visit: ConsoleRequest, _: Empty) -> PaymentMethod:
    """Offer it no more; what is under way goes on."""
    return _shown(await commands.method_disable(visit.context, _named(visit)))


async def check(visit: ConsoleRequest, _: Empty) -> MethodCheck:
    """Make the smallest order and ask about it; its notify is then waited for."""
    request = commands.Check(name=visit.places["method"], waits=True)
    found = await commands.method_check(visit.context, request)
    picture = drawn(found["show"])
    return msgspec.convert({**found, "picture": picture}, MethodCheck)


async def show_arrival(visit: ConsoleRequest, _: Empty) -> MethodArrival:
    """Whether the notify of a test order has arrived from outside."""
    request = commands.Arrival(name=visit.places["method"], number=visit.places["number"])
    return msgspec.convert(await commands.method_arrival(visit.context, request), MethodArrival)


def _named(visit: ConsoleRequest) -> OneMethod:
    return OneMethod(name=visit.places["method"])


def _shown(document: dict[str, Any]) -> PaymentMethod:
    return msgspec.convert(document, PaymentMethod)


_METHODS: Final = "/api/operator/payment-methods"
_METHOD: Final = f"{_METHODS}/{{method}}"
_OWNER: Final = Access("operator", OWNER)
_FINANCE: Final = Access("operator", FINANCE_ROLES)

ROUTES = (
    Route("GET", "/api/operator/payment-kinds", OPERATOR_READS, list_kinds, Page[Kind]),
    Route("GET", _METHODS, OPERATOR_READS, list_methods, Page[PaymentMethod]),
    Route("POST", _METHODS, _OWNER, put, PaymentMethod, PaymentMethodAsk),
    Route("POST", f"{_METHOD}/enable", _OWNER, enable, PaymentMethod),
    Route("POST", f"{_METHOD}/disable", _FINANCE, disable, PaymentMethod),
    Route("POST", f"{_METHOD}/check", _FINANCE, check, MethodCheck),
    Route("GET", f"{_METHOD}/check/{{number}}", _FINANCE, show_arrival, MethodArrival),
)
