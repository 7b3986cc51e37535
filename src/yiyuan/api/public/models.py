"""`GET /v1/models`: what a token may use, in OpenAI's or Anthropic's shape.

Free, outside the limits, and answered from memory. Beside the fields of either
format each model tells its limits, what it takes and can, where it is asked, how long it
is offered, and its prices in 元 per million tokens.
"""

from typing import Any, NamedTuple

from yiyuan.api.public.model_facts import ModelFacts, facts_of
from yiyuan.auth.api_token import ApiToken
from yiyuan.kernel.clock import iso
from yiyuan.pricing.model import Model
from yiyuan.pricing.price import to_document
from yiyuan.routing.catalog import Catalog

OWNER = "yiyuan"


class Offer(NamedTuple):
    """What is told to whom; `created` in Unix seconds."""

    catalog: Catalog
    created: int
    group: str | None = None
    """Of who asks: its channels serve the models."""

    def facts(self, model: Model) -> ModelFacts:
        """What is known of a model."""
        return facts_of(model, self.catalog.channels_for(model.name, self.group))


def usable_models(api_token: ApiToken, catalog: Catalog) -> list[Model]:
    """The models that a token may use and that some channel serves, in order of names."""
    return [
        model
        for name, model in sorted(catalog.models.items())
        if model.enabled
        and api_token.allows_model(name)
        and catalog.channels_for(name, api_token.group)
    ]


def openai_list(models: list[Model], offer: Offer) -> dict[str, Any]:
    """OpenAI's list object."""
    return {"object": "list", "data": [openai_model(model, offer) for model in models]}


def openai_model(model: Model, offer: Offer) -> dict[str, Any]:
    """OpenAI's model object with ours beside it."""
    facts = offer.facts(model)
    return {
        "id": model.name,
        "object": "model",
        "created": offer.created,
        "owned_by": OWNER,
        **_ours(model, facts),
        "capabilities": {"tools": "tools" in facts.supports},
    }


def anthropic_list(models: list[Model], offer: Offer) -> dict[str, Any]:
    """Anthropic's page; there is always one page."""
    return {
        "data": [anthropic_model(model, offer) for model in models],
        "has_more": False,
        "first_id": models[0].name if models else None,
        "last_id": models[-1].name if models else None,
    }


def anthropic_model(model: Model, offer: Offer) -> dict[str, Any]:
    """Anthropic's model object with ours beside it."""
    facts, ends = offer.facts(model), model.about.shutdown_date
    supports, takes = facts.supports, facts.takes
    return {
        "type": "model",
        "id": model.name,
        "display_name": model.name,
        "created_at": iso(offer.created * 1000),
        **_ours(model, facts),
        "max_tokens": model.max_output_tokens,
        "lifecycle": "active" if ends is None else "deprecated",
        "retires_at": None if ends is None else f"{ends}T23:59:59Z",
        "capabilities": {
            "tools": "tools" in supports,
            "image_input": {"supported": "image" in takes},
            "pdf_input": {"supported": "file" in takes},
            "structured_outputs": {"supported": "json_schema" in supports},
            "thinking": {"supported": "reasoning" in supports},
        },
    }


def _ours(model: Model, facts: ModelFacts) -> dict[str, Any]:
    return {
        "context_length": model.context_tokens,
        "max_input_tokens": model.context_tokens,
        "max_output_tokens": model.max_output_tokens,
        "modalities": {"input": list(facts.takes), "output": list(facts.gives)},
        "supports": list(facts.supports),
        "reasoning": "reasoning" in facts.supports,
        "endpoints": list(facts.endpoints),
        "shutdown_date": model.about.shutdown_date,
        "pricing": {"unit": "元 / 1M tokens", **to_document(model.price)},
        "limits": {"requests_per_minute": model.rpm},
    }
