"""How the console's API says no: status, code, a sentence in the reader's language.

Use-cases refuse with a code (`ServiceError`); here each code has its status and, in
Chinese, its sentence. In English the use-case's own sentence is shown, which knows the
particulars; `console.chinese` knows those in Chinese.
"""

from types import MappingProxyType
from typing import Final

import msgspec

from yiyuan.i18n.zh import in_chinese
from yiyuan.kernel.errors import Header
from yiyuan.services.shared.errors import ServiceError, TryLater

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
        "accept_required": 401,
        "password_required": 401,
        "email_required": 401,
        "flow_not_valid": 401,
        "sign_in_cancelled": 401,
        "sign_in_service_refused": 502,
        "sign_in_service_away": 503,
        "person_refused": 403,
        "use_other_service": 403,
        "in_use": 409,
        "link_not_valid": 401,
        "step_up_required": 403,
        "terms_required": 403,
        "operator_sign_in_required": 403,
        "wrong_code": 401,
        "not_allowed": 403,
        "wrong_origin": 403,
        "sign_up_closed": 403,
        "invitation_required": 403,
        "invitation_not_valid": 403,
        "proof_of_work_required": 403,
        "not_found": 404,
        "code_not_valid": 404,
        "method_not_allowed": 405,
        "already_exists": 409,
        "already_redeemed": 409,
        "already_refunded": 409,
        "already_revoked": 409,
        "changed_meanwhile": 409,
        "mail_not_set": 409,
        "too_many_places": 409,
        "too_many_accounts": 409,
        "too_many_passkeys": 409,
        "passkeys_unavailable": 409,
        "code_limit": 409,
        "idempotency_mismatch": 409,
        "code_expired": 410,
        "request_too_large": 413,
        "json_only": 415,
        "insufficient_balance": 422,
        "not_open": 409,
        "not_paid": 409,
        "not_in_review": 409,
        "already_credited": 409,
        "already_done": 409,
        "payment_ref_used": 409,
        "public_url": 409,
        "cannot_refund": 409,
        "too_much": 422,
        "too_many": 429,
        "provider_refused": 502,
        "provider_unavailable": 502,
        "upstream_failed": 502,
        "mail_refused": 502,
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
        "accept_required": "请确认要在此创建账户。",
        "password_required": "此邮箱已有账户：请输入该账户的密码以关联。",
        "email_required": "登录服务没有提供经过验证的邮箱。",
        "flow_not_valid": "这次登录属于另一个浏览器、已被使用或已结束，请重新开始。",
        "sign_in_cancelled": "登录已取消。",
        "sign_in_service_refused": "登录服务没有接受或不可信，请告知运营者：{detail}",
        "sign_in_service_away": "登录服务暂时没有应答，请稍后再试。",
        "person_refused": "登录服务的设置不允许您进入：{detail}",
        "use_other_service": "这个域名的邮箱须使用指定的登录服务：{detail}",
        "in_use": "已有人使用，不能更改：{detail}",
        "totp_required": "还需要输入验证器上的动态验证码。",
        "link_not_valid": "链接无效：已被使用、已过期或不完整。请重新获取一个。",
        "operator_sign_in_required": "{detail}",
        "step_up_required": "此操作需要再次确认您的身份。",
        "terms_required": "服务条款已更新：请先阅读并同意。",
        "not_allowed": "您的角色没有此操作的权限。",
        "wrong_code": "验证码不正确、已被使用或已过期。请再看一眼，或重新获取。",
        "invitation_required": "注册需要邀请码。",
        "invitation_not_valid": "这个邀请码已经不能使用。",
        "proof_of_work_required": "现在请求的人太多，请先完成验证再试。",
        "mail_not_set": "{detail}",
        "mail_refused": "{detail}",
        "too_many_places": "{detail}",
        "too_many_accounts": "{detail}",
        "too_many_passkeys": "{detail}",
        "passkeys_unavailable": "{detail}",
        "wrong_origin": "请求不是来自本控制台页面，已被拒绝。",
        "sign_up_closed": "当前未开放注册，请联系运营者获取邀请链接。",
        "not_found": "没有找到。",
        "code_not_valid": "兑换码不正确，请检查是否有输错的字符。",
        "method_not_allowed": "此地址不支持该请求方法。",
        "already_exists": "同名的记录已经存在。",
        "already_redeemed": "这个兑换码已经被使用。",
        "already_refunded": "已经退款：{detail}",
        "already_revoked": "该词元密钥已经失效。",
        "changed_meanwhile": "内容已被他人修改，请刷新后再试。",
        "code_limit": "本账户使用此类兑换码的次数已达上限。",
        "idempotency_mismatch": "这个幂等键已用于另一笔金额或另一个账户。",
        "code_expired": "这个兑换码已过期或已停用。",
        "request_too_large": "请求体过大。",
        "json_only": "只接受 application/json。",
        "not_open": "订单已不在待支付状态。",
        "not_paid": "订单还没有入账。",
        "not_in_review": "订单不在审核中。",
        "already_credited": "订单已经入账。",
        "already_done": "发票已经开具。",
        "payment_ref_used": "这个支付单号已经属于另一笔订单。",
        "public_url": "请把 YIYUAN_PUBLIC_URL 设为支付服务商能访问的 https 地址，末尾不带斜杠。",
        "cannot_refund": "请在服务商自己的后台退款。",
        "too_much": "金额超出上限：{detail}",
        "too_many": "太多了：{detail}",
        "provider_refused": "支付服务商拒绝了订单：{detail}",
        "provider_unavailable": "支付服务商没有给出可用的答复：{detail}",
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


def status_of(error: ServiceError) -> int:
    """The status of a refusal; a code that is not listed is a refused wish: 422."""
    return STATUSES.get(error.code, 422)


def refusal(error: ServiceError, language: str, request_id: str) -> Refusal:
    """The answer's body."""
    message = error.message
    if language == "zh":
        detail = in_chinese(error.said)
        said = _ZH.get(error.code, "{detail}").format(detail=detail or message)
        message = f"{detail}。" if detail and error.code in _HAS_PARTICULARS else said
    return Refusal(ErrorBody(error.code, message), request_id)


class MethodRefused(ServiceError):
    """The address is there, and takes other methods."""

    def __init__(self, allowed: set[str]) -> None:
        """`allowed` go into the answer's `Allow`."""
        super().__init__("method_not_allowed", "this address does not take this method")
        self.allowed = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))


def headers_of(error: ServiceError) -> tuple[Header, ...]:
    """Headers of a refusal: when to try again, and how."""
    if isinstance(error, MethodRefused):
        return (("allow", error.allowed),)
    if isinstance(error, TryLater):
        return (("retry-after", str(error.wait_seconds)),)
    return ()
