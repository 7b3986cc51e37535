"""DingTalk: JSON where others have forms, and a code under another name.

The subject is the `unionId`, the same for all apps of one company. An address is stated
by the person's own company and therefore proven here.
Source: open.dingtalk.com, "Sign in to third-party websites" (new version).
"""

from typing import Any

from yiyuan.integrations.call import Answer
from yiyuan.integrations.identity.contract import (
    IdentityError,
    IdentityProvider,
    Profile,
    Return,
    Settings,
    Start,
    Steps,
    Words,
)
from yiyuan.integrations.identity.oauth import (
    CLIENT_ID,
    CLIENT_SECRET,
    authorize_address,
    base_url_field,
    email_of,
    get,
    post_json,
    read_access_token,
    read_json,
    subject_of,
    text_of,
)

_CODE_FAULTS = ("invalidcode", "authcode", "code.invalid", "invalid.code")


def begin(settings: Settings, start: Start) -> Steps[str]:
    """No call is needed before the browser is sent off; DingTalk knows no PKCE."""
    yield from ()
    base = (settings["base_url"] or "https://login.dingtalk.com").rstrip("/")
    return authorize_address(
        f"{base}/oauth2/auth",
        settings,
        start,
        {"scope": "openid", "prompt": "consent"},
        has_pkce=False,
    )


def finish(settings: Settings, back: Return) -> Steps[Profile]:
    """Code → access token → user."""
    base = (settings["base_url"] or "https://api.dingtalk.com").rstrip("/")
    answer = yield post_json(
        f"{base}/v1.0/oauth2/userAccessToken",
        {
            "clientId": settings["client_id"],
            "clientSecret": settings["client_secret"],
            "code": back.code,
            "grantType": "authorization_code",
        },
    )
    access_token = read_access_token(_read(answer, "token"), "accessToken")
    header = ("x-acs-dingtalk-access-token", access_token)
    user = _read((yield get(f"{base}/v1.0/contact/users/me", header)), "user")
    return Profile(
        subject=subject_of(user.get("unionId"), "user: the unionId"),
        name=text_of(user.get("nick")),
        email=email_of(user.get("email")),
    )


def _read(answer: Answer, what: str) -> dict[str, Any]:
    """An object; an error has a status of 400 or more, and a `code` in words."""
    document = read_json(answer, what)
    if not isinstance(document, dict):
        raise IdentityError("not_valid", f"{what}: not a JSON object")
    code = text_of(document.get("code"), 100)
    if answer.status < 400 and not code:
        return document
    said = f"{what}: {code} {text_of(document.get('message'))}"
    if any(word in code.lower() for word in _CODE_FAULTS):
        raise IdentityError("code_refused", said)
    raise IdentityError("misconfigured", said)


PROVIDER = IdentityProvider(
    name="dingtalk",
    title=Words("DingTalk", "钉钉"),
    fields=(CLIENT_ID, CLIENT_SECRET, base_url_field()),
    begin=begin,
    finish=finish,
    code_parameter="authCode",
)
