"""Every sentence a client may read, in Chinese and English, by key.

A key is also the error's `code`. Both languages have every key and the same
places to fill; a test holds them to it.
"""

LANGUAGES = ("en", "zh")

_EN = {
    # 400
    "invalid_request": "The request is not valid.",
    "invalid_json": "The body is not valid JSON: {reason}.",
    "body_not_object": "The body must be a JSON object.",
    "missing_required_parameter": "Missing required parameter: '{param}'.",
    "invalid_type": "Invalid type for '{param}': expected {expected}.",
    "invalid_value": "Invalid value for '{param}': {reason}.",
    "unsupported_parameter": "'{param}' is not supported with the model '{model}'.",
    "unsupported_value": "Unsupported value for '{param}': {reason}.",
    "conflicting_credentials": (
        "Two different credentials were sent. Send either 'Authorization' or 'x-api-key'."
    ),
    "unsupported_content_encoding": (
        "Content-Encoding '{encoding}' is not supported. Send the body uncompressed."
    ),
    "operation_not_supported": "The model '{model}' does not support {operation}.",
    "upstream_rejected": "The model's server refused the request: {reason}",
    # 401
    "invalid_api_key": (
        "Incorrect API token provided: {hint}. "
        "You can create and manage your API tokens in the console: {console_url}"
    ),
    # 402
    "insufficient_balance": (
        "Insufficient balance: this request may cost up to {required} and {available} "
        "is available. Top up at {topup_url} or lower max_tokens."
    ),
    "token_budget_exceeded": (
        "Insufficient balance: this API token's own budget has {available} left and the request "
        "may cost up to {required}. Raise the token's budget or lower max_tokens."
    ),
    # 403, 404, 405
    "model_not_allowed": "This API token may not use the model '{model}'.",
    "ip_not_allowed": "This API token may not be used from the address {address}.",
    "account_suspended": "This account is suspended. Please contact the operator.",
    "model_not_found": (
        "The model '{model}' does not exist or you do not have access to it. "
        "GET /v1/models lists the models you can use."
    ),
    "not_found": "There is nothing at {method} {path}.",
    "method_not_allowed": "{path} does not answer {method}; use {allowed}.",
    # 408, 413, 431
    "request_timeout": "The request was not received in time.",
    "request_too_large": "The request body is larger than {limit_bytes} bytes.",
    "headers_too_large": "The request's headers are larger than {limit_bytes} bytes.",
    # 429
    "rate_limit_exceeded": (
        "Rate limit reached for {model}: limit {limit} requests per minute. "
        "Please try again in {retry_seconds}s."
    ),
    "concurrency_limit_exceeded": (
        "Too many requests at once for {model}: limit {limit}. "
        "Please try again when one of them has finished."
    ),
    # 5xx
    "internal_error": "Something went wrong on our side. Quote the request id {request_id}.",
    "upstream_error": "The model's server failed. You were not charged. Please try again.",
    "no_channel_available": (
        "No server is available for the model '{model}' right now. Please try again shortly."
    ),
    "overloaded": "The gateway is overloaded. Please try again shortly.",
    "upstream_timeout": "The model's server did not answer in time. You were not charged.",
    "stream_interrupted": (
        "The model's server broke off. You are charged for what was delivered only."
    ),
    # pieces
    "key_missing": "none was sent",
    "key_placeholder": "the documentation's placeholder was left in",
    "key_expired": "{hint} has expired",
    "key_revoked": "{hint} is revoked",
    "key_is_url": "a web address was sent instead of an API token",
}

_ZH = {
    "invalid_request": "请求无效。",
    "invalid_json": "请求体不是有效的 JSON：{reason}。",
    "body_not_object": "请求体必须是 JSON 对象。",
    "missing_required_parameter": "缺少必需的参数：“{param}”。",
    "invalid_type": "参数“{param}”的类型不正确：应为 {expected}。",
    "invalid_value": "参数“{param}”的值无效：{reason}。",
    "unsupported_parameter": "模型“{model}”不支持参数“{param}”。",
    "unsupported_value": "参数“{param}”的值不受支持：{reason}。",
    "conflicting_credentials": (
        "同时收到两个不同的凭证。请只使用 'Authorization' 或 'x-api-key' 之一。"
    ),
    "unsupported_content_encoding": "不支持 Content-Encoding “{encoding}”，请发送未压缩的请求体。",
    "operation_not_supported": "模型“{model}”不支持 {operation}。",
    "upstream_rejected": "模型服务器拒绝了请求：{reason}",
    "invalid_api_key": "词元密钥无效：{hint}。您可以在控制台创建和管理词元密钥：{console_url}",
    "insufficient_balance": (
        "余额不足：此请求最多可能花费 {required}，可用余额为 {available}。"
        "请在 {topup_url} 充值，或减小 max_tokens。"
    ),
    "token_budget_exceeded": (
        "余额不足：此词元密钥自身的预算还剩 {available}，而此请求最多可能花费 {required}。"
        "请提高密钥预算，或减小 max_tokens。"
    ),
    "model_not_allowed": "此词元密钥无权使用模型“{model}”。",
    "ip_not_allowed": "此词元密钥不允许从地址 {address} 使用。",
    "account_suspended": "此账户已被停用，请联系运营者。",
    "model_not_found": (
        "模型“{model}”不存在，或您无权使用。可用 GET /v1/models 查看您能使用的模型。"
    ),
    "not_found": "{method} {path} 不存在。",
    "method_not_allowed": "{path} 不支持 {method}，请使用 {allowed}。",
    "request_timeout": "未能及时收到完整的请求。",
    "request_too_large": "请求体超过 {limit_bytes} 字节。",
    "headers_too_large": "请求头超过 {limit_bytes} 字节。",
    "rate_limit_exceeded": (
        "模型 {model} 已达到速率限制：每分钟 {limit} 次请求。请在 {retry_seconds} 秒后重试。"
    ),
    "concurrency_limit_exceeded": (
        "模型 {model} 同时进行的请求过多：上限为 {limit}。请等其中一个完成后重试。"
    ),
    "internal_error": "我们这边出错了。反馈时请提供请求编号 {request_id}。",
    "upstream_error": "模型服务器出错，未收取任何费用。请重试。",
    "no_channel_available": "模型“{model}”目前没有可用的服务器，请稍后重试。",
    "overloaded": "网关过载，请稍后重试。",
    "upstream_timeout": "模型服务器未能及时应答，未收取任何费用。",
    "stream_interrupted": "模型服务器中断了输出，只收取已送达部分的费用。",
    "key_missing": "未提供密钥",
    "key_placeholder": "文档中的占位文字没有替换",
    "key_expired": "{hint} 已过期",
    "key_revoked": "{hint} 已吊销",
    "key_is_url": "收到的是网址而不是词元密钥",
}

MESSAGES = {"en": _EN, "zh": _ZH}


def message(key: str, language: str, **fields: object) -> str:
    """The sentence for `key` in `language`, its places filled with `fields`."""
    texts = MESSAGES[language]
    filled = {
        name: texts[value.key].format(**value.fields) if isinstance(value, Phrase) else value
        for name, value in fields.items()
    }
    return texts[key].format(**filled)


class Phrase:
    """A part of a sentence that is itself translated when it is shown."""

    def __init__(self, key: str, **fields: object) -> None:
        """`key` and `fields` as in `message`."""
        self.key = key
        self.fields = fields


def choose_language(accept_language: str | None, default: str) -> str:
    """The first of our languages that an `Accept-Language` value prefers."""
    best, best_weight = default, 0.0
    for item in (accept_language or "")[:200].lower().split(","):
        tag, _, parameter = item.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        language = tag.split("-")[0]
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best
