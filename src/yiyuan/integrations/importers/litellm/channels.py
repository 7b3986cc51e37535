"""LiteLLM's models: each row is one public name at one upstream.

A row's `model` begins with the vendor (`openai/gpt-4o`); rows of one vendor, address and
key become one channel, as long as no public name stands in it twice.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from yiyuan.integrations.importers.contract import Channel, Model, ModelPrice, Shop
from yiyuan.integrations.importers.litellm.sealed import CannotOpen, open_value
from yiyuan.integrations.importers.shared import addresses as to
from yiyuan.integrations.importers.shared.addresses import AddressUnclear, Vendor, base_url
from yiyuan.integrations.importers.shared.channels import NO_NAME, UNSUPPORTED
from yiyuan.integrations.importers.shared.clouds import (
    GLOBAL,
    bedrock_address,
    has_other_door,
    service_account,
    vertex_address,
)
from yiyuan.integrations.importers.shared.names import is_model_name
from yiyuan.integrations.importers.shared.numbers import fraction_or_none, read_json, text, whole

VENDORS: Final[Mapping[str, Vendor]] = {
    "openai": to.OPENAI,
    "anthropic": to.ANTHROPIC,
    "deepseek": to.DEEPSEEK,
    "openrouter": to.OPENROUTER,
    "mistral": to.MISTRAL,
    "groq": to.GROQ,
    "xai": to.XAI,
    "moonshot": to.MOONSHOT,
    "together_ai": to.TOGETHER,
    "perplexity": to.PERPLEXITY,
    "gemini": to.GEMINI,
    "azure": to.AZURE,
    "vertex_ai": to.VERTEX,
    "bedrock": to.BEDROCK,
    "dashscope": to.ALI,
    "volcengine": to.ARK,
    "hosted_vllm": to.CUSTOM,
    "ollama": to.OLLAMA,
    "ollama_chat": to.OLLAMA,
    "litellm_proxy": to.CUSTOM,
    "custom_openai": to.CUSTOM,
}
_PRICES: Final = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
}
_KNOWN_PARAMETERS: Final = frozenset(
    ("model", "api_key", "api_base", "base_url", "weight", "order", "rpm", "tpm",
     "api_version", "custom_llm_provider", "use_in_pass_through", "use_litellm_proxy",
     "organization", "vertex_credentials", "vertex_project", "vertex_location",
     "aws_region_name", "merge_reasoning_content_in_choices", *_PRICES.values())
)  # fmt: skip


def read_models(shop: Shop, rows: Iterable[Mapping[str, Any]], salt_key: str | None) -> None:
    """Add channels and models to the shop."""
    for row in rows:
        _read_row(shop, row, salt_key)


def add_prices(shop: Shop, answered: Iterable[Mapping[str, Any]]) -> None:
    """Prices as the running program resolves them (`/model/info`), in dollars per token."""
    for each in answered:
        info = each.get("model_info")
        if isinstance(info, Mapping):
            _put_price(shop, text(each.get("model_name")), _price(info))


def _read_row(shop: Shop, row: Mapping[str, Any], salt_key: str | None) -> None:
    public = text(row.get("model_name"))
    source_id = text(row.get("model_id"))
    subject = f"model {public} ({source_id[:8]})"
    sealed = read_json(row.get("litellm_params"), "litellm_params") or {}
    values = _opened(shop, sealed, salt_key, subject)
    vendor_name, upstream = _names(values)
    vendor = VENDORS.get(vendor_name)
    if vendor in (to.VERTEX, to.BEDROCK):
        values, vendor = _in_a_cloud(values, vendor, upstream)
        upstream = upstream.removeprefix("converse/").removeprefix("invoke/")
    if vendor is None:
        shop.note("channel_unsupported", subject, UNSUPPORTED, type=vendor_name, models=public)
        return
    if not is_model_name(public) or not is_model_name(upstream):
        shop.note("model_name", subject, NO_NAME, model=public)
        return
    try:
        given = text(values.get("api_base") or values.get("base_url"))
        address = base_url(given, vendor, text(values.get("api_version")))
    except AddressUnclear as error:
        shop.note("channel_unsupported", subject, str(error), models=public)
        return
    _list_parameters(shop, values, subject)
    key = _key(shop, values, subject)
    shop.channels.append(
        Channel(
            source_id=source_id,
            name=f"{public} ({source_id[:8]})",
            provider=vendor.provider or "openai",
            base_url=address,
            keys=(key,) if key else (),
            models={public: upstream},
            speaks=vendor.speaks,
            priority=whole(values.get("order")),
            weight=max(whole(values.get("weight")), 1),
            is_enabled=bool(key) and not row.get("blocked"),
        )
    )
    _put_price(shop, public, _price({**(_info(row)), **values}))


def _names(values: Mapping[str, Any]) -> tuple[str, str]:
    """The vendor's name and the model's there."""
    vendor_name, _, upstream = text(values.get("model")).partition("/")
    if not upstream or values.get("custom_llm_provider"):
        given = text(values.get("custom_llm_provider"))
        return (given or "openai"), text(values.get("model"))
    return vendor_name, upstream


def _in_a_cloud(
    values: dict[str, Any], vendor: Vendor, upstream: str
) -> tuple[dict[str, Any], Vendor | None]:
    """The same with the address and the key of a cloud; without a vendor where it has none."""
    if vendor is to.VERTEX:
        key = text(values.get("vertex_credentials"))
        project = text(values.get("vertex_project")) or service_account(key).get("project_id", "")
        address = vertex_address(project, text(values.get("vertex_location")) or GLOBAL)
    else:
        key = text(values.get("api_key"))
        address = bedrock_address(text(values.get("aws_region_name")))
    is_spoken = bool(address and key) and not has_other_door(vendor, upstream)
    return {**values, "api_base": address, "api_key": key}, vendor if is_spoken else None


def _key(shop: Shop, values: Mapping[str, Any], subject: str) -> str:
    """The upstream's key; empty where it lies in the environment of the old gateway."""
    key = text(values.get("api_key")).strip()
    if key and not key.startswith("os.environ/"):
        return key
    shop.note("channel_key", subject, "has no key in the database, and comes switched off")
    return ""


def _info(row: Mapping[str, Any]) -> dict[str, Any]:
    found = read_json(row.get("model_info"), "model_info")
    return dict(found) if isinstance(found, Mapping) else {}


def _opened(
    shop: Shop, sealed: Mapping[str, Any], salt_key: str | None, subject: str
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in sealed.items():
        try:
            values[name] = open_value(value, salt_key) if isinstance(value, str) else value
        except CannotOpen as error:
            shop.note("channel_key", subject, str(error), column=name)
    return values


def _list_parameters(shop: Shop, values: Mapping[str, Any], subject: str) -> None:
    strange = sorted(
        name
        for name, value in values.items()
        if name not in _KNOWN_PARAMETERS and value is not None
    )
    if strange:
        shop.note(
            "channel_setting", subject, "not applied: {settings}", settings=", ".join(strange)
        )


def _price(values: Mapping[str, Any]) -> ModelPrice | None:
    found = {name: fraction_or_none(values.get(key)) for name, key in _PRICES.items()}
    input_, output = found["input"], found["output"]
    if input_ is None or output is None:
        return None
    return ModelPrice(
        input=input_,
        output=output,
        cached_input=found["cached_input"],
        cache_write=found["cache_write"],
        request=fraction_or_none(values.get("input_cost_per_request")) or Fraction(0),
    )


def _put_price(shop: Shop, public: str, price: ModelPrice | None) -> None:
    """One price for each public name: the first that is known; another one is listed."""
    for index, model in enumerate(shop.models):
        if model.name != public:
            continue
        if model.price is None:
            shop.models[index] = Model(name=public, price=price)
        elif price is not None and price != model.price:
            detail = "stands at upstreams of two prices: the first is kept"
            shop.note("two_prices", f"model {public}", detail)
        return
    if is_model_name(public) and any(public in channel.models for channel in shop.channels):
        shop.models.append(Model(name=public, price=price))
