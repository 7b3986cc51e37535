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
from yiyuan.integrations.identity.contract import (
    Field,
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
    base_url_field,
    get,
    read_access_token,
    read_object,
    refused_by_code,
    subject_of,
    text_of,
)

# invalid code, used code
_CODE_FAULTS = frozenset({40029, 40163, 42003})
# system busy, too frequent
_BUSY = frozenset({-1, 45009, 45011})


def begin(settings: Settings, start: Start) -> Steps[str]:
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


def finish(settings: Settings, back: Return) -> Steps[Profile]:
    """Code → access token → user."""
    base = (settings["base_url"] or "https://api.weixin.qq.com").rstrip("/")
    fields = {
        "appid": settings["client_id"],
        "secret": settings["client_secret"],
        "code": back.code,
        "grant_type": "authorization_code",
    }
    answer = yield get(f"{base}/sns/oauth2/access_token?{urlencode(fields)}")
    granted = _read(answer, "token")
    openid = subject_of(granted.get("openid"), "token: the openid")
    fields = {"access_token": read_access_token(granted), "openid": openid, "lang": "zh_CN"}
    user = _read((yield get(f"{base}/sns/userinfo?{urlencode(fields)}")), "user")
    if user.get("openid") != openid:
        raise IdentityError("not_valid", "user: the openid is not the token's")
    name = settings["subject"]
    return Profile(
        subject=subject_of(user.get(name), f"user: the {name}"), name=text_of(user.get("nickname"))
    )


def _read(answer: Answer, what: str) -> dict[str, Any]:
    """An object without an error's code."""
    document = read_object(answer, what)
    code = document.get("errcode", 0)
    if code == 0:
        return document
    said = f"{what}: {text_of(str(code), 20)} {text_of(document.get('errmsg'))}"
    raise refused_by_code(code, said, code_faults=_CODE_FAULTS, busy=_BUSY)


PROVIDER = IdentityProvider(
    name="wechat",
    title=Words("WeChat", "微信"),
    fields=(
        Field("client_id", Words("AppID", "AppID"), is_required=True),
        Field("client_secret", Words("AppSecret", "AppSecret"), kind="secret", is_required=True),
        Field(
            "subject",
            Words("Identifier", "标识"),
            Words(
                "unionid needs the app to be bound to an Open Platform account. "
                "It cannot be changed once somebody has signed in.",
                "unionid 需要应用已绑定到微信开放平台账号。有人登录之后不能再更改。",
            ),
            kind="choice",
            default="unionid",
            choices=("unionid", "openid"),
            says_who=True,
        ),
        base_url_field(),
    ),
    begin=begin,
    finish=finish,
)
