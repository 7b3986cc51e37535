"""GitHub, LINUX DO, Feishu, DingTalk and WeChat, as their documentation describes them.

Each refuses what the real one refuses: a wrong secret, a used code, a missing header.
"""

import base64
from urllib.parse import unquote

from tests.support.identity.partner import CLIENT_ID, CLIENT_SECRET, Partner, Reply, Request


class GitHub(Partner):
    """Flat below its base address, as the `base_url` of the preset wants it."""

    preset, subject = "github", "583231"
    authorize_path, token_path, person_path = "/authorize", "/access_token", "/user"

    def __init__(self) -> None:
        """One primary, verified address beside others."""
        super().__init__()
        self.emails: object = [
            {"email": "old@example.com", "primary": False, "verified": True},
            {"email": "Mona@Example.com", "primary": True, "verified": True},
        ]

    def answer(self, request: Request) -> Reply:
        """Errors of the token come with status 200."""
        if request.path == "/access_token" and request.method == "POST":
            return self._token(request)
        if not self.is_bearer(request) or not request.headers.get("user-agent"):
            return Reply(401, {"message": "Bad credentials"})
        if request.path == "/user":
            user = {"id": 583231, "login": "mona", "name": "Mona Lisa", "email": None}
            return Reply(200, user | self.person)
        if request.path == "/user/emails":
            return Reply(200, self.emails)
        return Reply(404, {"message": "Not Found"})

    def _token(self, request: Request) -> Reply:
        form = request.form
        assert request.headers["accept"] == "application/json", "else it answers with a form"
        if (form["client_id"], form["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return Reply(200, {"error": "incorrect_client_credentials"})
        if self.take(form["code"], form["redirect_uri"], form.get("code_verifier")) is None:
            return Reply(200, {"error": "bad_verification_code", "error_description": "expired"})
        return Reply(
            200,
            {
                "access_token": self.new_access_token(),
                "scope": "read:user,user:email",
                "token_type": "bearer",
            },
        )


class LinuxDo(Partner):
    """A forum: what it thinks of somebody comes along."""

    preset, subject = "linuxdo", "4711"
    authorize_path, token_path, person_path = "/oauth2/authorize", "/oauth2/token", "/api/user"

    def answer(self, request: Request) -> Reply:
        """The client's credentials come by Basic."""
        if request.path == "/oauth2/token":
            form, scheme = request.form, request.headers.get("authorization", "")
            given = base64.b64decode(scheme.removeprefix("Basic ")).decode()
            if given.split(":") and [unquote(p) for p in given.split(":")] != [
                CLIENT_ID,
                CLIENT_SECRET,
            ]:
                return Reply(401, {"error": "invalid_client"})
            if self.take(form["code"], form["redirect_uri"], form.get("code_verifier")) is None:
                return Reply(400, {"error": "invalid_grant"})
            return Reply(200, {"access_token": self.new_access_token(), "token_type": "bearer"})
        if request.path == "/api/user" and self.is_bearer(request):
            user = {
                "id": 4711,
                "username": "neo",
                "name": "Neo",
                "active": True,
                "silenced": False,
                "trust_level": 2,
            }
            return Reply(200, user | self.person)
        return Reply(401, {"error": "invalid_token"})


class Feishu(Partner):
    """`code` 0 is success; any other is an error, mostly with status 400."""

    preset, subject = "feishu", "on_union1"
    authorize_path = "/open-apis/authen/v1/authorize"
    token_path = "/open-apis/authen/v2/oauth/token"
    person_path = "/open-apis/authen/v1/user_info"

    def answer(self, request: Request) -> Reply:
        """JSON both ways."""
        if request.path == self.token_path:
            asked = request.json
            if asked["client_id"] != CLIENT_ID or asked["client_secret"] != CLIENT_SECRET:
                return Reply(400, {"code": 20002, "error": "invalid_client"})
            if self.take(asked["code"], asked["redirect_uri"], asked.get("code_verifier")) is None:
                description = "The authorization code has been used"
                return Reply(400, {"code": 20065, "error_description": description})
            return Reply(
                200, {"code": 0, "access_token": self.new_access_token(), "expires_in": 7200}
            )
        if request.path == self.person_path and self.is_bearer(request):
            user = {
                "name": "张三",
                "open_id": "ou_open1",
                "union_id": "on_union1",
                "email": "zhang@example.cn",
                "tenant_key": "736588c9260f175d",
            }
            return Reply(200, {"code": 0, "msg": "success", "data": user | self.person})
        return Reply(400, {"code": 20005, "msg": "Invalid access token"})


class DingTalk(Partner):
    """Camel case, a code by another name, a header of its own."""

    preset, subject = "dingtalk", "ding-union-1"
    authorize_path = "/oauth2/auth"
    token_path = "/v1.0/oauth2/userAccessToken"
    person_path = "/v1.0/contact/users/me"
    code_parameter = "authCode"
    has_pkce = False

    def answer(self, request: Request) -> Reply:
        """Errors have a `code` in words."""
        if request.path == self.token_path:
            asked = request.json
            if asked["clientId"] != CLIENT_ID or asked["clientSecret"] != CLIENT_SECRET:
                return Reply(400, {"code": "invalidClientIdOrSecret", "message": "无效的 clientId"})
            if self.take(asked["code"], None, None) is None:
                return Reply(400, {"code": "invalidAuthCode", "message": "不合法的临时授权码"})
            return Reply(200, {"accessToken": self.new_access_token(), "expireIn": 7200})
        given = request.headers.get("x-acs-dingtalk-access-token")
        if request.path == self.person_path and given in self.access_tokens:
            user = {"nick": "李四", "unionId": "ding-union-1", "openId": "ding-open-1"}
            return Reply(200, user | self.person)
        return Reply(400, {"code": "InvalidAuthentication", "message": "不合法的access_token"})


class WeChat(Partner):
    """Everything in the query; errors with status 200."""

    preset, subject = "wechat", "o6_bmasdasdsad6_2sgVt7hMZOPfL"
    authorize_path = "/connect/qrconnect"
    token_path, person_path = "/sns/oauth2/access_token", "/sns/userinfo"
    client_parameter = "appid"
    has_pkce = False

    def answer(self, request: Request) -> Reply:
        """`errcode` instead of a status."""
        query = request.query
        if request.path == self.token_path:
            if (query["appid"], query["secret"]) != (CLIENT_ID, CLIENT_SECRET):
                return Reply(200, {"errcode": 40125, "errmsg": "invalid appsecret"})
            if self.take(query["code"], None, None) is None:
                return Reply(200, {"errcode": 40029, "errmsg": "invalid code"})
            made = self.new_access_token()
            return Reply(200, {"access_token": made, "openid": "oOpen1", "expires_in": 7200})
        if request.path == self.person_path and query.get("access_token") in self.access_tokens:
            user = {"openid": "oOpen1", "nickname": "王五", "unionid": self.subject}
            return Reply(200, user | self.person)
        return Reply(200, {"errcode": 40001, "errmsg": "invalid credential"})
