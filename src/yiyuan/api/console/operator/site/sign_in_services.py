"""Services by which people sign in, as operators set them up. Secrets go in, never out."""

from typing import Final, Literal

import msgspec

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import Line, Page, RequestBody, ResponseBody
from yiyuan.integrations.identity import contract as presets
from yiyuan.services.people.identity import operating
from yiyuan.services.people.identity.check import ServiceChecked, check_service
from yiyuan.services.people.identity.operating import ServiceSetUp

GROUP: Final = "sign_in_services"
"""What its routes are called in the audit log and in the OpenAPI document."""


class ServiceField(ResponseBody):
    """One thing to fill in, in the reader's language."""

    name: str
    title: str
    help: str
    kind: Literal["text", "secret", "url", "integer", "choice"]
    is_required: bool
    default: str
    choices: list[str]


class ServicePreset(ResponseBody):
    """A kind of service, and what it wants."""

    name: str
    title: str
    fields: list[ServiceField]


class PutService(RequestBody):
    """A new one, or changes to the one of this name: what is not named stays."""

    name: Line
    preset: str | None = None
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    secrets: dict[str, str] = msgspec.field(default_factory=dict)


async def list_presets(visit: ConsoleRequest, _: Empty) -> Page[ServicePreset]:
    """Every kind of service, in the reader's language."""
    language = visit.language
    found = [
        ServicePreset(
            name=preset.name,
            title=getattr(preset.title, language),
            fields=[
                ServiceField(
                    name=field.name,
                    title=getattr(field.title, language),
                    help=getattr(field.help, language),
                    kind=field.kind,
                    is_required=field.is_required,
                    default=field.default,
                    choices=list(field.choices),
                )
                for field in preset.fields
            ],
        )
        for preset in presets.providers().values()
    ]
    return Page(items=found)


async def list_services(visit: ConsoleRequest, _: Empty) -> Page[ServiceSetUp]:
    """Every service that was set up, disabled ones too."""
    return Page(items=await operating.list_services(visit.context))


async def put(visit: ConsoleRequest, asked: PutService) -> ServiceSetUp:
    """Set a service up, or change it."""
    visit.secrets.add("secrets")
    visit.subject = asked.name
    given = (asked.name, asked.preset, asked.fields, asked.secrets)
    return await operating.put_service(visit.context, *given)


async def check(visit: ConsoleRequest, _: Empty) -> ServiceChecked:
    """Ask the service whether it takes our settings."""
    return await check_service(visit.context, visit.house.conversations, visit.places["service"])


async def enable(visit: ConsoleRequest, _: Empty) -> ServiceSetUp:
    """Let people sign in by it."""
    return await operating.turn_service(visit.context, visit.places["service"], is_enabled=True)


async def disable(visit: ConsoleRequest, _: Empty) -> ServiceSetUp:
    """Let nobody sign in by it any more; identities stay known."""
    return await operating.turn_service(visit.context, visit.places["service"], is_enabled=False)


_PATH: Final = "/api/operator/sign-in-services"
_ONE: Final = f"{_PATH}/{{service}}"
_WRITES: Final = Access("operator", OWNER, takes_keys=False, needs_fresh=True)

ROUTES = (
    Route(
        "GET", "/api/operator/sign-in-presets", OPERATOR_READS, list_presets, Page[ServicePreset]
    ),
    Route("GET", _PATH, OPERATOR_READS, list_services, Page[ServiceSetUp]),
    Route("POST", _PATH, _WRITES, put, ServiceSetUp, PutService),
    Route("POST", f"{_ONE}/check", Access("operator", OWNER), check, ServiceChecked),
    Route("POST", f"{_ONE}/enable", _WRITES, enable, ServiceSetUp),
    Route("POST", f"{_ONE}/disable", _WRITES, disable, ServiceSetUp),
)
