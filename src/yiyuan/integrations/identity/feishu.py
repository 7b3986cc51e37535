"""Feishu, and Lark outside China.

The subject is the `union_id`, the same for all apps of one developer; `open_id` differs
from app to app and is there for people who came from a gateway that kept it. An address
is stated by the person's own company and therefore proven here.
Source: open.feishu.cn, "Get user_access_token" (v2) and "Get user information".
"""

from typing import Any

from yiyuan.integrations.call import Answer
from yiyuan.integrations.identity import contract, oauth

_HOSTS = {
    "feishu": ("https://accounts.feishu.cn", "https://open.feishu.cn"),
    "lark": ("https://accounts.larksuite.com", "https://open.larksuite.com"),
}
# invalid code, used code, expired code
_CODE_FAULTS = frozenset({20003, 20004, 20065})
_BUSY = frozenset({20050, 20072, 99991400})


def begin(settings: contract.Settings, start: contract.Start) -> contract.Steps[str]:
    """No call is needed before the browser is sent off."""
    yield from ()
    accounts, _ = _places(settings)
    return oauth.authorize_address(f"{accounts}/open-apis/authen/v1/authorize", settings, start)


def finish(settings: contract.Settings, back: contract.Return) -> contract.Steps[contract.Profile]:
    """Code → access token → user."""
    _, api = _places(settings)
    answer = yield oauth.post_json(
        f"{api}/open-apis/authen/v2/oauth/token",
        {
            "grant_type": "authorization_code",
            "client_id": settings["client_id"],
            "client_secret": settings["client_secret"],
            "code": back.code,
            "redirect_uri": back.redirect_uri,
            "code_verifier": back.verifier,
        },
    )
    access_token = oauth.read_access_token(_read(answer, "token"))
    answer = yield oauth.get(f"{api}/open-apis/authen/v1/user_info", oauth.bearer(access_token))
    user = _read(answer, "user").get("data")
    if not isinstance(user, dict):
        raise contract.IdentityError("not_valid", "user: the answer has no data")
    if settings["tenant_key"] and user.get("tenant_key") != settings["tenant_key"]:
        raise contract.IdentityError("person_refused", "the person belongs to another company")
    name = settings["subject"]
    return contract.Profile(
        subject=oauth.subject_of(user.get(name), f"user: the {name}"),
        name=oauth.text_of(user.get("name")),
        email=oauth.email_of(user.get("enterprise_email")) or oauth.email_of(user.get("email")),
    )


def _places(settings: contract.Settings) -> tuple[str, str]:
    """Where people agree, and where the API is."""
    if settings["base_url"]:
        base = settings["base_url"].rstrip("/")
        return base, base
    return _HOSTS[settings["region"]]


def _read(answer: Answer, what: str) -> dict[str, Any]:
    """An object whose `code` is 0; any other is an error, whatever the status is."""
    document = oauth.read_json(answer, what)
    code = document.get("code") if isinstance(document, dict) else None
    if code == 0 and answer.status == 200:
        found: dict[str, Any] = document
        return found
    if not isinstance(code, int):
        raise contract.IdentityError("not_valid", f"{what}: the answer has no code")
    said = (
        f"{what}: {code} {oauth.text_of(document.get('error_description') or document.get('msg'))}"
    )
    raise oauth.refused_by_code(code, said, code_faults=_CODE_FAULTS, busy=_BUSY)


PROVIDER = contract.IdentityProvider(
    name="feishu",
    title=contract.Words("Feishu", "飞书"),
    fields=(
        oauth.CLIENT_ID,
        oauth.CLIENT_SECRET,
        contract.Field(
            "region",
            contract.Words("Region", "区域"),
            kind="choice",
            default="feishu",
            choices=("feishu", "lark"),
            says_who=True,
        ),
        contract.Field(
            "subject",
            contract.Words("Identifier", "标识"),
            contract.Words(
                "union_id is right; open_id only for people moved from another gateway. "
                "It cannot be changed once somebody has signed in.",
                "应使用 union_id；仅当从其他网关迁移时使用 open_id。有人登录之后不能再更改。",
            ),
            kind="choice",
            default="union_id",
            choices=("union_id", "open_id"),
            says_who=True,
        ),
        contract.Field(
            "tenant_key",
            contract.Words("Only this company", "仅限本企业"),
            contract.Words(
                "Its tenant_key; empty lets every company in.",
                "企业的 tenant_key；留空则不限企业。",
            ),
        ),
        oauth.base_url_field(),
    ),
    begin=begin,
    finish=finish,
)
