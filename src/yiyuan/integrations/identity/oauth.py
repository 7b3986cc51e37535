"""OAuth 2.0, the authorization code flow: what every service has in common.

Answers are read with suspicion: bounded, JSON objects, errors by their codes. What a
service says of an error is cut and stripped before an operator sees it; it never holds
what we sent.
"""

import base64
from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.identity.contract import (
    ANSWER_BYTES_MAX,
    SUBJECT_CHARACTERS_MAX,
    ErrorCode,
    Fetch,
    Field,
    IdentityError,
    Start,
    Steps,
    Words,
)

Header = tuple[str, str]

JSON: Header = ("accept", "application/json")
_ACCESS_TOKEN_CHARACTERS_MAX = 16_384
_FORM: Header = ("content-type", "application/x-www-form-urlencoded")
_JSON_BODY: Header = ("content-type", "application/json")
_AGENT: Header = ("user-agent", "yiyuan")
_OUR_FAULT = frozenset(
    {
        "invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type",
        "invalid_scope", "incorrect_client_credentials", "redirect_uri_mismatch",
    }
)  # fmt: skip
_CODE_FAULT = frozenset({"invalid_grant", "bad_verification_code", "access_denied"})

CLIENT_ID = Field("client_id", Words("Client ID", "客户端 ID"), is_required=True)
CLIENT_SECRET = Field(
    "client_secret", Words("Client secret", "客户端密钥"), kind="secret", is_required=True
)


def base_url_field(default: str = "") -> Field:
    """Where the service is, for an instance of one's own."""
    return Field(
        "base_url",
        Words("Base address", "基础地址"),
        Words(
            "Only for an instance of your own; empty means the public service.",
            "仅在使用自建实例时填写；留空表示官方服务。",
        ),
        kind="url",
        default=default,
        says_who=True,
    )


def authorize_address(
    url: str,
    settings: Mapping[str, str],
    start: Start,
    more: Mapping[str, str] | None = None,
    *,
    has_pkce: bool = True,
) -> str:
    """The address at which a person agrees; `more` are further parameters, `scope` among them."""
    fields = {
        "response_type": "code",
        "client_id": settings["client_id"],
        "redirect_uri": start.redirect_uri,
        "state": start.state,
        **(more or {}),
    }
    if has_pkce:
        fields |= {"code_challenge": start.code_challenge, "code_challenge_method": "S256"}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"


def basic(name: str, secret: str) -> Header:
    """Credentials of a client by HTTP Basic, each form-encoded first (RFC 6749, 2.3.1)."""
    pair = f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()
    return ("authorization", f"Basic {base64.b64encode(pair).decode()}")


def bearer(access_token: str) -> Header:
    """A person's access token as a header."""
    return ("authorization", f"Bearer {access_token}")


def post_form(url: str, fields: Mapping[str, str], *headers: Header) -> Fetch:
    """Send a form."""
    sent = (JSON, _FORM, _AGENT, *headers)
    return Fetch(Call("POST", url, sent, urlencode(fields).encode()))


def post_json(url: str, fields: Mapping[str, str], *headers: Header) -> Fetch:
    """Send a JSON object."""
    return Fetch(Call("POST", url, (JSON, _JSON_BODY, _AGENT, *headers), orjson.dumps(fields)))


def get(url: str, *headers: Header, max_age_seconds: int = 0) -> Fetch:
    """Ask for a document."""
    return Fetch(Call("GET", url, (JSON, _AGENT, *headers)), max_age_seconds)


def read_json(answer: Answer, what: str) -> Any:
    """The JSON of an answer, an error's included. Raises IdentityError."""
    if answer.status >= 500 or answer.status == 429:
        raise IdentityError("unavailable", f"{what}: the service answers {answer.status}")
    if 300 <= answer.status < 400:
        raise IdentityError("not_valid", f"{what}: the service redirects, which is not followed")
    if len(answer.body) > ANSWER_BYTES_MAX:
        raise IdentityError("not_valid", f"{what}: longer than {ANSWER_BYTES_MAX} bytes")
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise IdentityError("not_valid", f"{what}: not JSON ({answer.status})") from None


def read_object(answer: Answer, what: str) -> dict[str, Any]:
    """The same for a JSON object; an OAuth error in it is raised, whatever the status is."""
    document = read_json(answer, what)
    if not isinstance(document, dict):
        raise IdentityError("not_valid", f"{what}: not a JSON object")
    error = document.get("error")
    if isinstance(error, str) and error:
        raise _refusal(what, error, document.get("error_description"))
    if answer.status >= 400:
        raise IdentityError("misconfigured", f"{what}: the service answers {answer.status}")
    return document


def read_access_token(document: Mapping[str, Any], name: str = "access_token") -> str:
    """The access token of an answer. Raises IdentityError."""
    found = document.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= _ACCESS_TOKEN_CHARACTERS_MAX:
        raise IdentityError("not_valid", "token: the answer has no access token")
    if not found.isascii() or not found.isprintable():
        raise IdentityError("not_valid", "token: the access token is no line of ASCII")
    return found


def exchange(
    url: str, settings: Mapping[str, str], code: str, redirect_uri: str, **more: str
) -> Steps[dict[str, Any]]:
    """Exchange a code for tokens, the client's credentials in the form."""
    fields = {
        "grant_type": "authorization_code",
        "client_id": settings["client_id"],
        "client_secret": settings["client_secret"],
        "code": code,
        "redirect_uri": redirect_uri,
        **more,
    }
    answer = yield post_form(url, fields)
    return read_object(answer, "token")


def refused_by_code(
    code: int, said: str, *, code_faults: Container[int], busy: Container[int]
) -> IdentityError:
    """What a service's own number of an error means; all others are a fault of the settings."""
    if code in code_faults:
        return IdentityError("code_refused", said)
    return IdentityError("unavailable" if code in busy else "misconfigured", said)


def subject_of(value: Any, what: str) -> str:
    """A subject that can be kept: a short text, or a positive number. Raises IdentityError."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    is_text = isinstance(value, str) and 0 < len(value) <= SUBJECT_CHARACTERS_MAX
    if not is_text or not value.isprintable() or value != value.strip():
        raise IdentityError("not_valid", f"{what} is missing or is no identifier")
    return str(value)


def text_of(value: Any, characters_max: int = 200) -> str:
    """A text for people from a stranger: one line, cut; anything else is empty."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value[:characters_max]).strip()


def email_of(value: Any) -> str | None:
    """An address that a service states, or None where it is none."""
    text = text_of(value, 255)
    name, at, host = text.rpartition("@")
    is_one = name and at and host and len(text) <= 254 and not any(c.isspace() for c in text)
    return text.lower() if is_one else None


def _refusal(what: str, error: str, description: Any) -> IdentityError:
    code: ErrorCode = "not_valid"
    if error in _OUR_FAULT:
        code = "misconfigured"
    elif error in _CODE_FAULT:
        code = "code_refused"
    elif error in ("server_error", "temporarily_unavailable"):
        code = "unavailable"
    said = " ".join(filter(None, (text_of(error, 100), text_of(description))))
    return IdentityError(code, f"{what}: {said}")
