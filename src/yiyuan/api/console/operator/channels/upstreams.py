"""Asking upstreams: what they list, whether they answer, and which run on this machine."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import OPERATOR_READS, OWNER, SUPPORT_ROLES, Access, Empty, Route
from yiyuan.api.console.schemas import Page, RequestBody, ResponseBody
from yiyuan.integrations.providers.registry import offered
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.channel import Channel
from yiyuan.services.channels import check, local_servers
from yiyuan.services.shared.errors import ServiceError

GROUP: Final = "upstreams"
"""What its routes are called in the audit log and in the OpenAPI document."""

TESTS_MAX = 20


class TestAsk(RequestBody):
    """One model, or all of them."""

    model: str | None = None


class TestResult(ResponseBody):
    """How one model answered; `message` only when it did not."""

    model: str
    ok: bool
    status: int | None
    ms: int
    first_byte_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    message: str | None


class TestReport(ResponseBody):
    """One line for each model that was tried."""

    results: list[TestResult]


class LocalServer(ResponseBody):
    """A model server of this machine, ready to become a channel."""

    name: str
    base_url: str
    models: list[str]


class Vendor(ResponseBody):
    """A vendor that a channel can be made for; `base_url` is null where one has to be given."""

    name: str
    title_en: str
    title_zh: str
    base_url: str | None
    base_url_example: str
    speaks: list[str]


class ModelsAsk(RequestBody):
    """An address that is being typed, or a channel that is there."""

    provider: str | None = None
    base_url: str | None = None
    api_key: str = ""
    allow_private: bool = False
    channel_id: str | None = None


class ModelNames(ResponseBody):
    """What the upstream lists."""

    models: list[str]


async def test(visit: ConsoleRequest, asked: TestAsk) -> TestReport:
    """Send one tiny real request for a model, or for each."""
    channel = _in_catalog(visit.house.catalog(), visit.places["channel"])
    if asked.model is not None and asked.model not in channel.models:
        raise not_found("model")
    names = [asked.model] if asked.model is not None else list(channel.models)[:TESTS_MAX]
    results = [await check.check_model(visit.house.client, channel, name) for name in names]
    return TestReport(
        results=[
            TestResult(
                model=found.model,
                ok=found.is_ok,
                status=found.status,
                ms=found.ms,
                first_byte_ms=found.first_byte_ms,
                input_tokens=found.input_tokens,
                output_tokens=found.output_tokens,
                message=found.message,
            )
            for found in results
        ]
    )


async def list_local_servers(visit: ConsoleRequest, _: Empty) -> Page[LocalServer]:
    """Model servers that run on this machine and that no channel leads to yet."""
    found = await local_servers.offer_local_servers(visit.context, visit.house.client)
    return Page(
        items=[
            LocalServer(
                name=server["name"],
                base_url=server["base_url"],
                models=[str(model) for model in server["models"]],
            )
            for server in found["servers"]
        ]
    )


async def list_upstream_models(visit: ConsoleRequest, asked: ModelsAsk) -> ModelNames:
    """Ask an upstream what it has."""
    provider, base_url, key = asked.provider, asked.base_url, asked.api_key
    is_private = asked.allow_private
    if asked.channel_id is not None:
        channel = _in_catalog(visit.house.catalog(), asked.channel_id)
        provider, base_url = channel.provider.name, channel.base_url
        key, is_private = channel.keys[0].secret if channel.keys else "", channel.allow_private
    if provider is None or base_url is None:
        raise ServiceError("invalid_argument", "provider and base_url, or channel_id, are needed")
    names = await check.list_models(
        visit.house.client, provider, base_url, key, allow_private=is_private
    )
    return ModelNames(models=names)


async def list_vendors(_visit: ConsoleRequest, _: Empty) -> Page[Vendor]:
    """Vendors that are known by name, with their addresses and formats."""
    return Page(
        items=[
            Vendor(
                name=each.name,
                title_en=each.title.get("en", each.name),
                title_zh=each.title.get("zh", each.name),
                base_url=each.base_url or None,
                base_url_example=each.base_url_example or each.base_url,
                speaks=list(each.speaks),
            )
            for each in offered()
        ]
    )


def _in_catalog(catalog: Catalog, channel_id: str) -> Channel:
    for channel in catalog.channels:
        if channel.id == channel_id:
            return channel
    raise not_found("channel")


_CHANNELS = "/api/operator/channels"
_OWNER = Access("operator", OWNER)

ROUTES = (
    Route("POST", f"{_CHANNELS}/list-models", _OWNER, list_upstream_models, ModelNames, ModelsAsk),
    Route("GET", "/api/operator/vendors", OPERATOR_READS, list_vendors, Page[Vendor]),
    Route("GET", "/api/operator/local-servers", _OWNER, list_local_servers, Page[LocalServer]),
    Route(
        "POST",
        f"{_CHANNELS}/{{channel}}/test",
        Access("operator", SUPPORT_ROLES),
        test,
        TestReport,
        TestAsk,
    ),
)
