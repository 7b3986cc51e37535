"""Models as people look at them: price, limits, and the channels that serve them."""

import msgspec

from yiyuan.pricing.price import to_document
from yiyuan.services.catalog.prices import price_versions
from yiyuan.services.catalog.stored import read_stored
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing, Request


@command("model.list", reads=True)
async def list_all(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """All models, those out of service included; prices as in the catalog file."""
    stored = await read_stored(context)
    serving: dict[str, list[str]] = {}
    for channel in stored.channels.values():
        for name in channel.document.models if channel.is_enabled else ():
            serving.setdefault(name, []).append(channel.row.name)
    return {
        "models": [
            {
                "name": name,
                "enabled": model.is_enabled,
                "price": to_document(model.document.price),
                "rpm": model.row.rpm,
                "tpm": model.row.tpm,
                "concurrency": model.row.concurrency,
                "context_tokens": model.row.context_tokens,
                "max_output_tokens": model.row.max_output_tokens,
                "fallback": list(model.document.fallback),
                "affinity": model.row.affinity,
                "modalities": model.document.about.modalities,
                "supports": model.document.about.supports,
                "shutdown_date": model.document.about.shutdown_date,
                "channels": serving.get(name, []),
            }
            for name, model in stored.models.items()
        ]
    }


class OneModel(Request):
    """A model by its name."""

    name: str


@command("model.prices", reads=True)
async def list_prices(context: ServiceContext, request: OneModel) -> Json:
    """Every price of a model, the latest first: `{"prices":[…]}`."""
    stored = (await read_stored(context)).models.get(request.name)
    if stored is None:
        raise ServiceError("not_found", "there is no such model")
    found = await price_versions(context, request.name, stored.row.price_id)
    return {"prices": msgspec.to_builtins(found)}
