"""How the console's API says no: status, code, a sentence in the reader's language.

Use-cases refuse with a code (`CommandError`); here each code has its status and, in
Chinese, its sentence. In English the use-case's own sentence is shown, which knows the
particulars; `console.chinese` knows those in Chinese.
"""

from types import MappingProxyType
from typing import Final

import msgspec

from yiyuan.console.chinese import in_chinese
from yiyuan.console.refusal import CommandError
from yiyuan.console.sign_in import TooManyTries
from yiyuan.kernel.errors import Header

STATUSES: Final = MappingProxyType(
    {
        "invalid_argument": 400,
        "invalid_catalog": 400,
        "invalid_json": 400,
        "model_not_offered": 400,
        "weak_password": 400,
        "not_signed_in": 401,
        "wrong_credentials": 401,
        "totp_required": 401,
        "link_not_valid": 401,
        "not_allowed": 403,
        "wrong_origin": 403,
        "sign_up_closed": 403,
        "not_found": 404,
        "code_not_valid": 404,
        "method_not_allowed": 405,
        "already_exists": 409,
        "already_redeemed": 409,
        "already_refunded": 409,
        "already_revoked": 409,
        "changed_meanwhile": 409,
        "code_limit": 409,
        "idempotency_mismatch": 409,
        "code_expired": 410,
        "request_too_large": 413,
        "json_only": 415,
        "insufficient_balance": 422,
        "upstream_failed": 502,
        "too_many_tries": 429,
        "unavailable": 503,
        "internal_error": 500,
    }
)

_ZH: Final = MappingProxyType(
    {
        "invalid_argument": "填写的内容不正确：{detail}",
        "invalid_catalog": "目录设置不正确：{detail}",
        "invalid_json": "请求体不是有效的 JSON。",
        "weak_password": "密码需要 10 到 256 个字符，且不能是常见密码。",
        "model_not_offered": "{detail}",
        "not_signed_in": "请先登录。",
        "wrong_credentials": "邮箱、密码或验证码不正确。",
        "totp_required": "还需要输入验证器上的动态验证码。",
        "link_not_valid": "链接无效：已被使用、已过期或不完整。请重新获取一个。",
        "not_allowed": "您的角色没有此操作的权限。",
        "wrong_origin": "请求不是来自本控制台页面，已被拒绝。",
        "sign_up_closed": "当前未开放注册，请联系运营者获取邀请链接。",
        "not_found": "没有找到。",
        "code_not_valid": "兑换码不正确，请检查是否有输错的字符。",
        "method_not_allowed": "此地址不支持该请求方法。",
        "already_exists": "同名的记录已经存在。",
        "already_redeemed": "这个兑换码已经被使用。",
        "already_refunded": "该请求已经退款。",
        "already_revoked": "该词元密钥已经失效。",
        "changed_meanwhile": "内容已被他人修改，请刷新后再试。",
        "code_limit": "本账户使用此类兑换码的次数已达上限。",
        "idempotency_mismatch": "这个幂等键已用于另一笔金额或另一个账户。",
        "code_expired": "这个兑换码已过期或已停用。",
        "request_too_large": "请求体过大。",
        "json_only": "只接受 application/json。",
        "insufficient_balance": "可用余额不足：{detail}",
        "upstream_failed": "上游没有正常应答：{detail}",
        "too_many_tries": "尝试次数过多，请稍后再试。",
        "unavailable": "服务暂时不可用，请稍后再试。",
        "internal_error": "服务器内部错误。",
    }
)


_HAS_PARTICULARS: Final = frozenset({"already_exists", "not_allowed", "wrong_credentials"})
"""Codes whose sentence is for when nothing more is known."""


class ErrorBody(msgspec.Struct, frozen=True):
    """What is wrong: `code` for programs, `message` for people."""

    code: str
    message: str


class Refusal(msgspec.Struct, frozen=True):
    """Every answer that is no success."""

    error: ErrorBody
    request_id: str


def status_of(error: CommandError) -> int:
    """The status of a refusal; a code that is not listed is a refused wish: 422."""
    return STATUSES.get(error.code, 422)


def refusal(error: CommandError, language: str, request_id: str) -> Refusal:
    """The answer's body."""
    message = error.message
    if language == "zh":
        detail = in_chinese(message)
        said = _ZH.get(error.code, "{detail}").format(detail=detail or message)
        message = f"{detail}。" if detail and error.code in _HAS_PARTICULARS else said
    return Refusal(ErrorBody(error.code, message), request_id)


def headers_of(error: CommandError) -> tuple[Header, ...]:
    """Headers of a refusal: when to try again."""
    if isinstance(error, TooManyTries):
        return (("retry-after", str(error.wait_seconds)),)
    return ()
