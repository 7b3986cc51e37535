"""Addresses and credentials of OpenAI's formats, and of Anthropic's at other vendors."""

from collections.abc import Callable

from yiyuan.integrations.providers.contract import Destination, Endpoint, Operation
from yiyuan.kernel.errors import Header

ANTHROPIC_VERSION = "2023-06-01"
ANTHROPIC_COUNTED = frozenset(
    {"model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"}
)
"""What of a request Anthropic's counter takes."""
SESSION_HEADERS = frozenset({"session-id", "session_id", "x-client-request-id"})
_PATHS: dict[str, tuple[str, Operation]] = {
    "openai_chat": ("/chat/completions", "generation"),
    "openai_responses": ("/responses", "generation"),
    "openai_completions": ("/completions", "completions"),
    "openai_embeddings": ("/embeddings", "embeddings"),
    "openai_moderations": ("/moderations", "moderation"),
    "rerank": ("/rerank", "rerank"),
}


def bearer(key: str) -> list[Header]:
    """The usual header; a server of one's own may need no key."""
    return [("authorization", f"Bearer {key}")] if key else []


def below(path: str) -> Callable[[Destination], str]:
    """An address below the base URL."""
    return lambda destination: destination.base_url.rstrip("/") + path


def models_url(base_url: str) -> str:
    """The list of models beside the formats."""
    return base_url.rstrip("/") + "/models"


def openai_endpoint(
    dialect: str, *, forwarded_headers: frozenset[str] = frozenset(), proof_family: str = ""
) -> Endpoint:
    """One of OpenAI's formats below the base URL."""
    path, operation = _PATHS[dialect]
    return Endpoint(
        dialect=dialect,
        url=below(path),
        credential=bearer,
        operation=operation,
        forwarded_headers=forwarded_headers,
        proof_family=proof_family,
    )


def origin_of(base_url: str) -> str:
    """Scheme, host and port."""
    scheme, _, rest = base_url.partition("://")
    return f"{scheme}://{rest.split('/', 1)[0].split('?', 1)[0]}"


def messages_endpoint(path: str, proof_family: str) -> Endpoint:
    """Anthropic's format at another vendor: `path` at the base URL's origin."""
    return Endpoint(
        dialect="anthropic_messages",
        url=lambda destination: origin_of(destination.base_url) + path + "/v1/messages",
        credential=_bearer_with_version,
        forwarded_headers=frozenset({"anthropic-beta"}),
        proof_family=proof_family,
    )


def _bearer_with_version(key: str) -> list[Header]:
    return [*bearer(key), ("anthropic-version", ANTHROPIC_VERSION)]
