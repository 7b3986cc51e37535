"""Asking upstreams: what they list, whether they answer, and which run on this machine."""

from yiyuan.console import channel_check, local_servers
from yiyuan.console.refusal import CommandError
from yiyuan.panel.route import CARE, OWNER, Access, Nothing, Route
from yiyuan.panel.shapes import Asked, Page, Shown
from yiyuan.panel.visit import Visit, not_found
from yiyuan.upstream.catalog import Catalog
from yiyuan.upstream.channel import Channel

TESTS_MAX = 20


class TestAsk(Asked):
    """One model, or all of them."""

    model: str | None = None


class TestResult(Shown):
    """How one model answered; `message` only when it did not."""

    model: str
    ok: bool
    status: int | None
    ms: int
    first_byte_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    message: str | None


class TestReport(Shown):
    """One line for each model that was tried."""

    results: list[TestResult]


class LocalServer(Shown):
    """A model server of this machine, ready to become a channel."""

    name: str
    base_url: str
    models: list[str]


class ModelsAsk(Asked):
    """An address that is being typed, or a channel that is there."""

    provider: str | None = None
    base_url: str | None = None
    api_key: str = ""
    allow_private: bool = False
    channel_id: str | None = None


class ModelNames(Shown):
    """What the upstream lists."""

    models: list[str]


async def test(visit: Visit, asked: TestAsk) -> TestReport:
    """Send one tiny real request for a model, or for each."""
    channel = _in_catalog(visit.house.catalog(), visit.places["channel"])
    if asked.model is not None and asked.model not in channel.models:
        raise not_found("model")
    names = [asked.model] if asked.model is not None else list(channel.models)[:TESTS_MAX]
    results = [await channel_check.check_model(visit.house.client, channel, name) for name in names]
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


async def list_local_servers(visit: Visit, _: Nothing) -> Page[LocalServer]:
    """Model servers that run on this machine and that no channel leads to yet."""
    found = await local_servers.offer_local_servers(visit.desk, visit.house.client)
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


async def list_upstream_models(visit: Visit, asked: ModelsAsk) -> ModelNames:
    """Ask an upstream what it has."""
    provider, base_url, key = asked.provider, asked.base_url, asked.api_key
    is_private = asked.allow_private
    if asked.channel_id is not None:
        channel = _in_catalog(visit.house.catalog(), asked.channel_id)
        provider, base_url = channel.provider.name, channel.base_url
        key, is_private = channel.keys[0].secret if channel.keys else "", channel.allow_private
    if provider is None or base_url is None:
        raise CommandError("invalid_argument", "provider and base_url, or channel_id, are needed")
    names = await channel_check.list_models(
        visit.house.client, provider, base_url, key, allow_private=is_private
    )
    return ModelNames(models=names)


def _in_catalog(catalog: Catalog, channel_id: str) -> Channel:
    for channel in catalog.channels:
        if channel.id == channel_id:
            return channel
    raise not_found("channel")


_CHANNELS = "/api/operator/channels"
_OWNER = Access("operator", OWNER)

ROUTES = (
    Route("POST", f"{_CHANNELS}/list-models", _OWNER, list_upstream_models, ModelNames, ModelsAsk),
    Route("GET", "/api/operator/local-servers", _OWNER, list_local_servers, Page[LocalServer]),
    Route(
        "POST",
        f"{_CHANNELS}/{{channel}}/test",
        Access("operator", CARE),
        test,
        TestReport,
        TestAsk,
    ),
)
