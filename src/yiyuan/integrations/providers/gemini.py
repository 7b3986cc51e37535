"""Google's Gemini API, and Vertex AI's express mode, with an API key.

The base URL is the bare host, as in `https://generativelanguage.googleapis.com`;
one with a path is taken to end before `/models`.
"""

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.proofs import VERTEX
from yiyuan.integrations.providers.contract import Counter, Destination, Endpoint, Provider
from yiyuan.integrations.providers.shared.google_paths import (
    COUNT_ANSWER,
    COUNTED,
    VERTEX_PATH,
    count_path,
    embeddings_path,
    generate_path,
)
from yiyuan.kernel.errors import Header


def _credential(key: str) -> list[Header]:
    return [("x-goog-api-key", key)] if key else []


def base_of(base_url: str) -> str:
    """What `/models` is appended to: the version's path where only a host is given."""
    base = base_url.rstrip("/")
    _, _, rest = base.partition("://")
    return base if "/" in rest else base + "/v1beta"


def _generate(destination: Destination) -> str:
    return base_of(destination.base_url) + generate_path(destination)


def _embeddings(destination: Destination) -> str:
    return base_of(destination.base_url) + embeddings_path(destination)


def _count(destination: Destination) -> str:
    return base_of(destination.base_url) + count_path(destination)


def _family(base_url: str) -> str:
    """Vertex signs for itself: the Gemini API refuses its signatures, and it the other's."""
    return VERTEX if VERTEX_PATH in base_url else ""


def _counted(fields: Json, destination: Destination) -> Json:
    """The request inside a request, except on Vertex, which knows no such form."""
    if VERTEX_PATH in destination.base_url:
        return fields
    name = destination.model
    model = name if name.startswith(("models/", "tunedModels/")) else f"models/{name}"
    return {"generateContentRequest": {"model": model, **fields}}


PROVIDER = Provider(
    name="gemini",
    endpoints=(
        Endpoint(
            dialect="gemini",
            url=_generate,
            credential=_credential,
            family_at=_family,
            counter=Counter(url=_count, fields=COUNTED, answer=COUNT_ANSWER, wrap=_counted),
        ),
        Endpoint(
            dialect="gemini_embeddings",
            url=_embeddings,
            credential=_credential,
            operation="embeddings",
        ),
    ),
    speaks=("gemini",),
    base_url="https://generativelanguage.googleapis.com",
    models_url=lambda base_url: base_of(base_url) + "/models",
    credential=_credential,
)
