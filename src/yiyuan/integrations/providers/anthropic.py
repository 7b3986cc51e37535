"""Anthropic, and servers that speak like it.

The base URL is the bare host, as in `https://api.anthropic.com`; a trailing
`/v1` is tolerated. The client's beta flags go along.
"""

from yiyuan.integrations.providers.contract import Counter, Destination, Endpoint, Provider
from yiyuan.integrations.providers.shared.openai_like import ANTHROPIC_COUNTED, ANTHROPIC_VERSION
from yiyuan.kernel.errors import Header


def _credential(key: str) -> list[Header]:
    return [("x-api-key", key), ("anthropic-version", ANTHROPIC_VERSION)]


def _base(base_url: str) -> str:
    return base_url.rstrip("/").removesuffix("/v1").rstrip("/") + "/v1"


def _messages(destination: Destination) -> str:
    return _base(destination.base_url) + "/messages"


PROVIDER = Provider(
    name="anthropic",
    endpoints=(
        Endpoint(
            dialect="anthropic_messages",
            url=_messages,
            credential=_credential,
            forwarded_headers=frozenset({"anthropic-beta"}),
            counter=Counter(
                url=lambda destination: _messages(destination) + "/count_tokens",
                fields=ANTHROPIC_COUNTED,
                answer="input_tokens",
            ),
        ),
    ),
    speaks=("anthropic_messages",),
    base_url="https://api.anthropic.com",
    models_url=lambda base_url: _base(base_url) + "/models",
    credential=_credential,
)
