"""`GET /v1/models`: what a token may use, in OpenAI's or Anthropic's shape.

Free, outside the limits, and answered from memory. Beside the fields of either
format each model tells its context, whether it takes tools, and its prices in
元 per million tokens.
"""

from typing import Any

from yiyuan.access.api_token import ApiToken
from yiyuan.kernel.clock import iso
from yiyuan.pricing.model import Model
from yiyuan.pricing.price import to_document
from yiyuan.upstream.catalog import DEMO_PROVIDER, Catalog

OWNER = "yiyuan"


def usable_models(api_token: ApiToken, catalog: Catalog) -> list[Model]:
    """The models that a token may use and that some channel serves, in order of names."""
    return [
        model
        for name, model in sorted(catalog.models.items())
        if model.enabled and api_token.allows_model(name) and catalog.channels_for(name)
    ]


def openai_list(models: list[Model], catalog: Catalog, created: int) -> dict[str, Any]:
    """OpenAI's list object; `created` in Unix seconds."""
    return {"object": "list", "data": [openai_model(m, catalog, created) for m in models]}


def openai_model(model: Model, catalog: Catalog, created: int) -> dict[str, Any]:
    """OpenAI's model object with ours beside it."""
    return {
        "id": model.name,
        "object": "model",
        "created": created,
        "owned_by": OWNER,
        **_facts(model, catalog),
    }


def anthropic_list(models: list[Model], catalog: Catalog, created: int) -> dict[str, Any]:
    """Anthropic's page; there is always one page."""
    return {
        "data": [anthropic_model(m, catalog, created) for m in models],
        "has_more": False,
        "first_id": models[0].name if models else None,
        "last_id": models[-1].name if models else None,
    }


def anthropic_model(model: Model, catalog: Catalog, created: int) -> dict[str, Any]:
    """Anthropic's model object with ours beside it."""
    return {
        "type": "model",
        "id": model.name,
        "display_name": model.name,
        "created_at": iso(created * 1000),
        **_facts(model, catalog),
    }


def _facts(model: Model, catalog: Catalog) -> dict[str, Any]:
    channels = catalog.channels_for(model.name)
    return {
        "context_length": model.context_tokens,
        "max_output_tokens": model.max_output_tokens,
        "capabilities": {"tools": any(c.provider.name != DEMO_PROVIDER for c in channels)},
        "pricing": {"unit": "元 / 1M tokens", **to_document(model.price)},
        "limits": {"requests_per_minute": model.rpm},
    }
