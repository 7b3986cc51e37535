"""Azure OpenAI: the v1 surface, the classic one by deployment, and Entra ID.

The v1 base URL is `https://{resource}.openai.azure.com/openai/v1`. The classic one
carries a version: `https://{resource}.openai.azure.com?api-version=2024-10-21`; a
model is then the name of a deployment. The secret is a key, or
`tenant:client:secret` of an application, for which Entra ID gives a token.
"""

import re
from urllib.parse import quote

from yiyuan.integrations.providers.contract import (
    Destination,
    Endpoint,
    Provider,
    Session,
    Trade,
    WrongSecret,
)
from yiyuan.integrations.providers.shared.openai_like import SESSION_HEADERS, origin_of
from yiyuan.integrations.providers.shared.tokens import read_token
from yiyuan.kernel.errors import Header

AUTHORITY = "https://login.microsoftonline.com"
SCOPE = "https://cognitiveservices.azure.com/.default"
_APPLICATION = re.compile(r"[0-9A-Za-z.-]{3,100}:[0-9a-fA-F-]{36}:\S{8,400}", re.ASCII)
_AZURE = re.compile(r"https://[^/]+\.azure\.(?:com|us|cn)(?::\d+)?$", re.ASCII | re.IGNORECASE)
_JWT_PARTS = 3


def address(destination: Destination, path: str) -> str:
    """The address of `path`, in the way that the base URL asks for."""
    base, mark, version = destination.base_url.partition("?api-version=")
    base = base.rstrip("/")
    if not mark:
        return base + path
    base = base.removesuffix("/openai")
    return f"{base}/openai/deployments/{quote(destination.model, safe='')}{path}{mark}{version}"


def credential(key: str) -> list[Header]:
    """A key in Azure's own header; a token of Entra ID, which is a JWT, as a bearer."""
    if key.startswith("ey") and key.count(".") == _JWT_PARTS - 1:
        return [("authorization", f"Bearer {key}")]
    return [("api-key", key)]


def trade(secret: str, base_url: str, _now_seconds: int) -> Trade:
    """The form for a token of Entra ID. Raises WrongSecret.

    A channel that is not at Azure's is a stand-in, which answers for the sign-in too.
    """
    if not _APPLICATION.fullmatch(secret):
        raise WrongSecret("the key is not tenant:client:secret")
    tenant, client, password = secret.split(":", 2)
    origin = origin_of(base_url)
    authority = AUTHORITY if _AZURE.match(origin) else origin
    return Trade(
        f"{authority}/{tenant}/oauth2/v2.0/token",
        (
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", password),
            ("scope", SCOPE),
        ),
    )


def models_url(base_url: str) -> str:
    """The list of deployments' models, in the way that the base URL asks for."""
    base, mark, version = base_url.partition("?api-version=")
    base = base.rstrip("/")
    return (
        f"{base.removesuffix('/openai')}/openai/models{mark}{version}" if mark else base + "/models"
    )


SESSION = Session(
    applies=lambda secret: _APPLICATION.fullmatch(secret) is not None,
    trade=trade,
    read=read_token,
)
PROVIDER = Provider(
    name="azure",
    endpoints=(
        Endpoint(
            dialect="openai_chat",
            url=lambda destination: address(destination, "/chat/completions"),
            credential=credential,
            forwarded_headers=SESSION_HEADERS,
        ),
        Endpoint(
            dialect="openai_responses",
            url=lambda destination: address(destination, "/responses"),
            credential=credential,
            forwarded_headers=SESSION_HEADERS,
        ),
        Endpoint(
            dialect="openai_embeddings",
            url=lambda destination: address(destination, "/embeddings"),
            credential=credential,
            operation="embeddings",
        ),
    ),
    speaks=("openai_chat",),
    base_query="api-version",
    models_url=models_url,
    credential=credential,
    session=SESSION,
)
