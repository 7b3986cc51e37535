"""Anthropic, and servers that speak like it.

The base URL is the bare host, as in `https://api.anthropic.com`; a trailing
`/v1` is tolerated. The client's beta flags go along.
"""

from yiyuan.providers.provider import Header, Provider

VERSION = "2023-06-01"


def _credential(key: str) -> list[Header]:
    return [("x-api-key", key), ("anthropic-version", VERSION)]


def _url(base_url: str, path: str) -> str:
    return base_url.rstrip("/").removesuffix("/v1").rstrip("/") + "/v1" + path


PROVIDER = Provider(
    name="anthropic",
    generation="anthropic_messages",
    completions=None,
    embeddings=None,
    credential=_credential,
    url=_url,
    forwarded_headers=frozenset({"anthropic-beta"}),
    counts_tokens=True,
)
