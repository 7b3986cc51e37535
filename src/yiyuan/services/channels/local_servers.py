"""Model servers on this machine: found on their usual ports, offered as lines of the catalog.

Whoever runs Ollama, llama.cpp, LM Studio or the like has a model that needs no key.
Their ports on the loopback interface are asked for a list of models, all at once, two
seconds at most, without any credential; a closed port answers at once. It happens when a
person asks (`yiyuan doctor`, the console's set-up), never on a request's way.

What is offered is free (`"0"`), adds what is not there and changes nothing that is: a
channel whose name is taken gets its port into its name, and a model that has its price
keeps it. Servers that a channel names already, and the gateway itself, are not offered.
"""

import asyncio
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.request import Call
from yiyuan.services.catalog.export import to_toml
from yiyuan.services.channels.model_listing import Listed, ask_models
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.validation import model_name_fault
from yiyuan.store.tables.catalog import CatalogRows, read_catalog

Json = dict[str, Any]

LOCAL_SECONDS: Final = 1.0
USUAL_PORTS: Final = (
    ("ollama", 11434),
    ("llama-cpp", 8080),
    ("lm-studio", 1234),
    ("vllm", 8000),
    ("jan", 1337),
    ("sglang", 30000),
    ("koboldcpp", 5001),
    ("gpt4all", 4891),
)
"""Which server is found where, if its user changed nothing."""

_OWNERS: Final = {"llamacpp": "llama-cpp", "vllm": "vllm", "sglang": "sglang"}
"""What some servers write as `owned_by`: they are told by it wherever they listen."""
_MODELS_SHOWN_MAX: Final = 50


@dataclass(slots=True, frozen=True)
class LocalServer:
    """A server that answers, and what it could be in the catalog."""

    name: str
    """The channel's name: what the server seems to be."""
    base_url: str
    models: tuple[Listed, ...]
    catalog: str
    """The lines that `apply` takes."""

    def document(self) -> Json:
        """As commands and the console show it."""
        return {
            "name": self.name,
            "base_url": self.base_url,
            "models": [model.name for model in self.models],
            "catalog": self.catalog,
        }


async def offer_local_servers(desk: ServiceContext, client: Client) -> Json:
    """What the console's set-up shows: `{"servers": […], "catalog": "…"}`."""
    catalog = await read_catalog(desk.database)
    found = await find_local_servers(client, catalog, own_port=desk.settings.port)
    documents = [server.document() for server in found]
    return {"servers": documents, "catalog": whole_catalog(documents)}


async def find_local_servers(
    client: Client,
    catalog: CatalogRows | None,
    usual_ports: Sequence[tuple[str, int]] = USUAL_PORTS,
    own_port: int = 0,
) -> list[LocalServer]:
    """The servers that no channel of `catalog` names yet; `own_port` is the gateway's."""
    named = _named_ports(catalog) | {own_port}
    asked = [(name, port) for name, port in usual_ports if port not in named]
    found = await asyncio.gather(*(_models_at(client, port) for _, port in asked))
    taken = {row.name for row in catalog.channels} if catalog else set()
    known = {row.name for row in catalog.models} if catalog else set()
    servers = []
    for (usual, port), models in zip(asked, found, strict=True):
        if models:
            name = _OWNERS.get(models[0].owner, usual)
            name = f"{name}-{port}" if name in taken else name
            taken.add(name)
            servers.append(_offer(name, port, models, known))
            known |= {model.name for model in models}
    return servers


def whole_catalog(documents: Sequence[Json]) -> str:
    """The lines of all servers found, as one file."""
    return "\n".join(document["catalog"] for document in documents)


async def _models_at(client: Client, port: int) -> list[Listed]:
    url = f"http://127.0.0.1:{port}/v1/models"
    try:
        listing = await ask_models(
            client, Call(method="GET", url=url, allow_private=True), LOCAL_SECONDS
        )
    except UpstreamFailure:
        return []
    usable = {m.name: m for m in listing.models or [] if model_name_fault(m.name) is None}
    return list(usable.values())[:_MODELS_SHOWN_MAX]


def _offer(name: str, port: int, models: list[Listed], known: set[str]) -> LocalServer:
    base_url = f"http://127.0.0.1:{port}/v1"
    channel = {
        "name": name,
        "provider": "openai",
        "base_url": base_url,
        "models": {model.name: model.name for model in models},
    }
    new = [_model(model) for model in models if model.name not in known]
    lines = to_toml({"channel": [channel], "model": new})
    return LocalServer(name, base_url, tuple(models), lines)


def _model(model: Listed) -> Json:
    context = {"context_tokens": model.context_tokens} if model.context_tokens else {}
    return {"name": model.name, **context, "price": {"input": "0", "output": "0"}}


def _named_ports(catalog: CatalogRows | None) -> set[int]:
    """The ports of this machine that a channel goes to already."""
    urls = [urlsplit(row.base_url) for row in catalog.channels] if catalog else []
    return {url.port or 0 for url in urls if _is_loopback(url.hostname or "")}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
