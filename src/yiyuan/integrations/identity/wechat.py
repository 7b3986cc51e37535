"""WeChat, as a website signs people in: a QR code on a page of WeChat's.

The secret and the access token travel in the query, so no address of it may be logged.
Errors come with status 200 and an `errcode`. There is no PKCE and no e-mail address.
Which of the two identifiers is the subject is chosen when the service is set up: a
`unionid` is the same for all apps of one developer, an `openid` is this app's alone.
Source: developers.weixin.qq.com, "Website applications: WeChat login".
"""

from typing import Any
from urllib.parse import urlencode

from yiyuan.integrations.call import Answer
from yiyuan.integrations.identity import contract, oauth

# invalid code, used code
_CODE_FAULTS = frozenset({40029, 40163, 42003})
# system busy, too frequent
_BUSY = frozenset({-1, 45009, 45011})


def begin(settings: contract.Settings, start: contract.Start) -> contract.Steps[str]:
    """No call is needed before the browser is sent off."""
    yield from ()
    base = (settings["base_url"] or "https://open.weixin.qq.com").rstrip("/")
    fields = {
        "appid": settings["client_id"],
        "redirect_uri": start.redirect_uri,
        "response_type": "code",
        "scope": "snsapi_login",
        "state": start.state,
    }
    return f"{base}/connect/qrconnect?{urlencode(fields)}#wechat_redirect"


def finish(settings: contract.Settings, back: contract.Return) -> contract.Steps[contract.Profile]:
    """Code → access token → user."""
    base = (settings["base_url"] or "https://api.weixin.qq.com").rstrip("/")
    fields = {
        "appid": settings["client_id"],
        "secret": settings["client_secret"],
        "code": back.code,
        "grant_type": "authorization_code",
    }
    answer = yield oauth.get(f"{base}/sns/oauth2/access_token?{urlencode(fields)}")
    granted = _read(answer, "token")
    openid = oauth.subject_of(granted.get("openid"), "token: the openid")
    fields = {"access_token": oauth.read_access_token(granted), "openid": openid, "lang": "zh_CN"}
    user = _read((yield oauth.get(f"{base}/sns/userinfo?{urlencode(fields)}")), "user")
    if user.get("openid") != openid:
        raise contract.IdentityError("not_valid", "user: the openid is not the token's")
    name = settings["subject"]
    return contract.Profile(
        subject=oauth.subject_of(user.get(name), f"user: the {name}"),
        name=oauth.text_of(user.get("nickname")),
    )


def _read(answer: Answer, what: str) -> dict[str, Any]:
    """An object without an error's code."""
    document = oauth.read_object(answer, what)
    code = document.get("errcode", 0)
    if code == 0:
        return document
    said = f"{what}: {oauth.text_of(str(code), 20)} {oauth.text_of(document.get('errmsg'))}"
    raise oauth.refused_by_code(code, said, code_faults=_CODE_FAULTS, busy=_BUSY)


PROVIDER = contract.IdentityProvider(
    name="wechat",
    title=contract.Words("WeChat", "微信"),
    fields=(
        contract.Field("client_id", contract.Words("AppID", "AppID"), is_required=True),
        contract.Field(
            "client_secret",
            contract.Words("AppSecret", "AppSecret"),
            kind="secret",
            is_required=True,
        ),
        contract.Field(
            "subject",
            contract.Words("Identifier", "标识"),
            contract.Words(
                "unionid needs the app to be bound to an Open Platform account. "
                "It cannot be changed once somebody has signed in.",
                "unionid 需要应用已绑定到微信开放平台账号。有人登录之后不能再更改。",
            ),
            kind="choice",
            default="unionid",
            choices=("unionid", "openid"),
            says_who=True,
        ),
        oauth.base_url_field(),
    ),
    begin=begin,
    finish=finish,
)
