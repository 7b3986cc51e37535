"""DingTalk: JSON where others have forms, and a code under another name.

The subject is the `unionId`, the same for all apps of one company. An address is stated
by the person's own company and therefore proven here.
Source: open.dingtalk.com, "Sign in to third-party websites" (new version).
"""

from typing import Any

from yiyuan.integrations.call import Answer
from yiyuan.integrations.identity import contract, oauth

_CODE_FAULTS = ("invalidcode", "authcode", "code.invalid", "invalid.code")


def begin(settings: contract.Settings, start: contract.Start) -> contract.Steps[str]:
    """No call is needed before the browser is sent off; DingTalk knows no PKCE."""
    yield from ()
    base = (settings["base_url"] or "https://login.dingtalk.com").rstrip("/")
    return oauth.authorize_address(
        f"{base}/oauth2/auth",
        settings,
        start,
        {"scope": "openid", "prompt": "consent"},
        has_pkce=False,
    )


def finish(settings: contract.Settings, back: contract.Return) -> contract.Steps[contract.Profile]:
    """Code → access token → user."""
    base = (settings["base_url"] or "https://api.dingtalk.com").rstrip("/")
    answer = yield oauth.post_json(
        f"{base}/v1.0/oauth2/userAccessToken",
        {
            "clientId": settings["client_id"],
            "clientSecret": settings["client_secret"],
            "code": back.code,
            "grantType": "authorization_code",
        },
    )
    access_token = oauth.read_access_token(_read(answer, "token"), "accessToken")
    header = ("x-acs-dingtalk-access-token", access_token)
    user = _read((yield oauth.get(f"{base}/v1.0/contact/users/me", header)), "user")
    return contract.Profile(
        subject=oauth.subject_of(user.get("unionId"), "user: the unionId"),
        name=oauth.text_of(user.get("nick")),
        email=oauth.email_of(user.get("email")),
    )


def _read(answer: Answer, what: str) -> dict[str, Any]:
    """An object; an error has a status of 400 or more, and a `code` in words."""
    document = oauth.read_json(answer, what)
    if not isinstance(document, dict):
        raise contract.IdentityError("not_valid", f"{what}: not a JSON object")
    code = oauth.text_of(document.get("code"), 100)
    if answer.status < 400 and not code:
        return document
    said = f"{what}: {code} {oauth.text_of(document.get('message'))}"
    if any(word in code.lower() for word in _CODE_FAULTS):
        raise contract.IdentityError("code_refused", said)
    raise contract.IdentityError("misconfigured", said)


PROVIDER = contract.IdentityProvider(
    name="dingtalk",
    title=contract.Words("DingTalk", "钉钉"),
    fields=(oauth.CLIENT_ID, oauth.CLIENT_SECRET, oauth.base_url_field()),
    begin=begin,
    finish=finish,
    code_parameter="authCode",
)
