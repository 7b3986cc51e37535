"""Google's Vertex AI: Gemini in Google's format and Claude in Anthropic's.

The base URL names project and location, as in
`https://aiplatform.googleapis.com/v1/projects/{project}/locations/global`. The
secret is the JSON of a service account: it signs an assertion with which Google
gives an access token for an hour.
"""

import base64
import json
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.proofs import VERTEX
from yiyuan.integrations.providers.contract import (
    Counter,
    Destination,
    Endpoint,
    Provider,
    Session,
    Trade,
    WrongSecret,
)
from yiyuan.integrations.providers.shared.google_paths import (
    COUNT_ANSWER,
    COUNTED,
    VERTEX_PATH,
    count_path,
    embeddings_path,
    generate_path,
    model_path,
)
from yiyuan.integrations.providers.shared.openai_like import ANTHROPIC_COUNTED, bearer, origin_of
from yiyuan.integrations.providers.shared.tokens import read_token

TOKEN_URI: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 – an address
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
ASSERTION_SECONDS = 3600
ANTHROPIC_VERSION = "vertex-2023-10-16"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def trade(secret: str, base_url: str, now_seconds: int) -> Trade:
    """The form for an access token. Raises WrongSecret.

    Its address is Google's, or the channel's own server where that stands in for
    Google: a JSON from elsewhere must not choose whom we talk to.
    """
    account = _account(secret)
    address = account.get("token_uri") or TOKEN_URI
    if address != TOKEN_URI and origin_of(address) != origin_of(base_url):
        raise WrongSecret("token_uri of the service account is not Google's")
    claims = {
        "iss": account["client_email"],
        "scope": SCOPE,
        "aud": TOKEN_URI,
        "iat": now_seconds,
        "exp": now_seconds + ASSERTION_SECONDS,
    }
    header = {"alg": "RS256", "typ": "JWT", "kid": account.get("private_key_id", "")}
    signed = f"{_segment(header)}.{_segment(claims)}"
    assertion = f"{signed}.{_base64url(_signature(account['private_key'], signed.encode()))}"
    return Trade(address, (("grant_type", GRANT), ("assertion", assertion)))


def _account(secret: str) -> dict[str, Any]:
    try:
        account = json.loads(secret)
    except ValueError:
        raise WrongSecret("the key is not the JSON of a service account") from None
    if not isinstance(account, dict):
        raise WrongSecret("the key is not the JSON of a service account")
    for name in ("client_email", "private_key"):
        if not isinstance(account.get(name), str):
            raise WrongSecret(f"the service account has no {name}")
    return account


def _signature(private_key: str, signed: bytes) -> bytes:
    try:
        key = serialization.load_pem_private_key(private_key.encode(), None)
    except (ValueError, TypeError):
        raise WrongSecret("private_key of the service account is not a key") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise WrongSecret("private_key of the service account is not an RSA key")
    return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def _segment(values: dict[str, Any]) -> str:
    return _base64url(json.dumps(values, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _gemini_base(destination: Destination) -> str:
    return destination.base_url.rstrip("/") + VERTEX_PATH


def _claude_base(destination: Destination) -> str:
    return destination.base_url.rstrip("/") + "/publishers/anthropic"


def claude_url(destination: Destination) -> str:
    """`…/publishers/anthropic/models/{model}:rawPredict`, or its stream."""
    verb = ":streamRawPredict" if destination.stream else ":rawPredict"
    return _claude_base(destination) + model_path(destination.model) + verb


def claude_body(body: Json, _destination: Destination) -> Json:
    """Anthropic's body without the model, which is in the address, and with their version."""
    return {"anthropic_version": ANTHROPIC_VERSION} | {
        name: value for name, value in body.items() if name != "model"
    }


def _counted_claude(fields: Json, _destination: Destination) -> Json:
    """To be counted, the model stands in the body: its address is the counter's."""
    return {"anthropic_version": ANTHROPIC_VERSION} | fields


def is_claude(model: str) -> bool:
    """Whether a model is Anthropic's."""
    return model.startswith("claude")


def _is_other(model: str) -> bool:
    return not is_claude(model)


SESSION = Session(
    applies=lambda secret: secret.lstrip().startswith("{"), trade=trade, read=read_token
)
PROVIDER = Provider(
    name="vertex",
    endpoints=(
        Endpoint(
            dialect="gemini",
            url=lambda destination: _gemini_base(destination) + generate_path(destination),
            credential=bearer,
            serves=_is_other,
            proof_family=VERTEX,
            counter=Counter(
                url=lambda destination: _gemini_base(destination) + count_path(destination),
                fields=COUNTED,
                answer=COUNT_ANSWER,
            ),
        ),
        Endpoint(
            dialect="anthropic_messages",
            url=claude_url,
            credential=bearer,
            wrap=claude_body,
            serves=is_claude,
            counter=Counter(
                url=lambda destination: (
                    _claude_base(destination) + "/models/count-tokens:rawPredict"
                ),
                fields=ANTHROPIC_COUNTED,
                answer="input_tokens",
                wrap=_counted_claude,
            ),
        ),
        Endpoint(
            dialect="gemini_embeddings",
            url=lambda destination: _gemini_base(destination) + embeddings_path(destination),
            credential=bearer,
            operation="embeddings",
            serves=_is_other,
        ),
    ),
    speaks=("gemini", "anthropic_messages"),
    models_url=lambda base_url: base_url.rstrip("/") + "/publishers/google/models",
    credential=bearer,
    session=SESSION,
)
