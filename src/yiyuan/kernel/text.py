"""Every sentence a client may read, in Chinese and English, by key.

A key is also the error's `code`. Both languages have every key and the same
places to fill; a test holds them to it.
"""

LANGUAGES = ("en", "zh")

_EN = {
    # 400
    "invalid_request": "The request is not valid.",
    "malformed_request": "The request is not valid HTTP/1.1: {reason}.",
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
        "Insufficient balance: this API token's {budget} has {available} left and the request "
        "may cost up to {required}. {remedy}"
    ),
    "budget_total": "own budget",
    "budget_day": "own budget for today (UTC)",
    "budget_month": "own budget for this month (UTC)",
    "budget_total_of_model": "own budget for the model '{model}'",
    "budget_day_of_model": "own budget for the model '{model}' today (UTC)",
    "budget_month_of_model": "own budget for the model '{model}' this month (UTC)",
    "budget_stays": "Raise the token's budget or lower max_tokens.",
    "budget_resets": (
        "It starts anew at {at}: wait until then, raise the token's budget or lower max_tokens."
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
    "token_rate_limit_exceeded": (
        "Rate limit reached for {model}: limit {limit} tokens per minute, {remaining} left, "
        "and this request may take {requested}. Please try again in {retry_seconds}s."
    ),
    "tokens_over_limit": (
        "Request too large for {model}: limit {limit} tokens per minute, requested {requested}. "
        "Shorten the input or lower max_tokens."
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
    # reasons inside "invalid_value" and "unsupported_value"
    "value_empty": "it must not be empty",
    "value_between": "it must be between {low} and {high}",
    "value_known": "'{value}' is not one of {known}",
    "value_at_most": "at most {count} are allowed",
    "value_streamed": "it cannot be streamed",
    "value_below_n": "it must not be less than n",
    "value_blank": "the model needs text that is not only white space",
    "value_blank_stop": "the model cannot stop at white space alone",
    "value_equal_n": "only the value of n can be honoured",
    "value_zero": "the model must be let to write at least one token",
    "value_echo_logprobs": "it cannot be combined with echo for this model",
    "value_not_text": "'{kind}' content cannot be sent to this model",
    "value_too_deep": "it is nested too deeply",
    "value_token_ids": "token ids cannot be read for this model; send text",
    "value_unknown_ids": "it has token ids that the model's vocabulary lacks",
    "value_stateless": "nothing is stored here; send the whole conversation as input",
    "value_no_background": "answers are made while the client waits; leave it out",
    "value_no_templates": "no templates are stored here; send their text as input",
    # why a limit is what it is
    "limits_suspended": "The account is suspended: every request is refused.",
    "limits_disabled": "The model is disabled: every request is refused.",
    "limits_promised": "An operator promised the tier of a balance of {promised}.",
    "limits_tier": "The balance of {balance} is in the tier from {reached}: limits × {rate}.",
    "limits_no_tier": "The balance of {balance} is in no tier: limits × 1.",
    "limits_next_tier": "From {start} on, limits × {rate}.",
    "limits_requests": "{limit} requests per minute: the model's {base} × {rate}.",
    "limits_no_requests": "The model does not limit requests per minute.",
    "limits_tokens": "{limit} tokens per minute: the model's {base} × {rate}.",
    "limits_no_tokens": "The model does not limit tokens per minute.",
    "limits_concurrency": "At most {limit} requests may be open at once.",
    "limits_api_tokens": "API tokens with a stricter limit of their own: {names}.",
    "limits_token": "With the token {name}: {limit} requests per minute for all models together.",
    "limits_budget": "The token's {budget} has {available} of {limit} left.",
    "limits_token_refused": "The token {name} may not use it: every request is refused.",
    # the demo channel
    "demo_answer": (
        "This is the demo channel of the gateway: no model has read your text "
        "and no server was paid for this answer. You wrote {words} words, beginning: {excerpt} "
        "Everything else is real: your API token, the limits, the charge and the ledger. "
        "Add a channel to the catalog to get answers from a model."
    ),
    # pieces
    "key_missing": "none was sent",
    "key_placeholder": "the documentation's placeholder was left in",
    "key_expired": "{hint} has expired",
    "key_revoked": "{hint} is revoked",
    "key_disabled": "{hint} is disabled and can be enabled again",
    "key_is_url": "a web address was sent instead of an API token",
    "http_request_line": "its first line is malformed",
    "http_header": "a header line is malformed",
    "http_target": "its target is not a valid path",
    "http_host": "it needs exactly one valid Host header",
    "http_framing": "its Content-Length or Transfer-Encoding is malformed or ambiguous",
    "http_chunks": "its chunked body is malformed",
}

_ZH = {
    "invalid_request": "请求无效。",
    "malformed_request": "请求不是有效的 HTTP/1.1：{reason}。",
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
        "余额不足：此词元密钥{budget}还剩 {available}，而此请求最多可能花费 {required}。{remedy}"
    ),
    "budget_total": "自身的预算",
    "budget_day": "今日（UTC）的预算",
    "budget_month": "本月（UTC）的预算",
    "budget_total_of_model": "用于模型“{model}”的预算",
    "budget_day_of_model": "今日（UTC）用于模型“{model}”的预算",
    "budget_month_of_model": "本月（UTC）用于模型“{model}”的预算",
    "budget_stays": "请提高密钥预算，或减小 max_tokens。",
    "budget_resets": "预算将于 {at} 重新计算：请届时再试、提高密钥预算，或减小 max_tokens。",
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
    "token_rate_limit_exceeded": (
        "模型 {model} 已达到速率限制：每分钟 {limit} 个 token，还剩 {remaining} 个，"
        "而此请求可能需要 {requested} 个。请在 {retry_seconds} 秒后重试。"
    ),
    "tokens_over_limit": (
        "请求对模型 {model} 过大：每分钟上限为 {limit} 个 token，此请求需要 {requested} 个。"
        "请缩短输入或减小 max_tokens。"
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
    "value_empty": "不能为空",
    "value_between": "必须在 {low} 到 {high} 之间",
    "value_known": "“{value}”不是 {known} 之一",
    "value_at_most": "最多允许 {count} 个",
    "value_streamed": "不能以流式输出",
    "value_below_n": "不能小于 n",
    "value_blank": "该模型需要不全是空白的文本",
    "value_blank_stop": "该模型不能只以空白字符作为停止序列",
    "value_equal_n": "只能与 n 的值相同",
    "value_zero": "必须允许该模型至少写一个 token",
    "value_echo_logprobs": "对该模型不能与 echo 同时使用",
    "value_not_text": "“{kind}”内容不能发送给该模型",
    "value_too_deep": "嵌套过深",
    "value_token_ids": "无法为该模型解读 token 编号，请发送文本",
    "value_unknown_ids": "含有该模型词表中没有的 token 编号",
    "value_stateless": "此处不保存任何内容，请把完整对话作为 input 发送",
    "value_no_background": "回答在客户端等待时生成，请去掉此参数",
    "value_no_templates": "此处不保存模板，请把其文本作为 input 发送",
    "limits_suspended": "该账户已停用：拒绝所有请求。",
    "limits_disabled": "该模型已停用：拒绝所有请求。",
    "limits_promised": "运营者承诺按余额 {promised} 计算等级。",
    "limits_tier": "余额 {balance} 属于从 {reached} 起的等级：限额 × {rate}。",
    "limits_no_tier": "余额 {balance} 不属于任何等级：限额 × 1。",
    "limits_next_tier": "从 {start} 起，限额 × {rate}。",
    "limits_requests": "每分钟 {limit} 次请求：模型的 {base} × {rate}。",
    "limits_no_requests": "该模型不限制每分钟请求数。",
    "limits_tokens": "每分钟 {limit} 个 token：模型的 {base} × {rate}。",
    "limits_no_tokens": "该模型不限制每分钟 token 数。",
    "limits_concurrency": "同时进行的请求最多 {limit} 个。",
    "limits_api_tokens": "自身另有更严格限额的词元密钥：{names}。",
    "limits_token": "使用词元密钥 {name}：所有模型合计每分钟 {limit} 次请求。",
    "limits_budget": "该密钥{budget}还剩 {available}，共 {limit}。",
    "limits_token_refused": "词元密钥 {name} 不能使用该模型：拒绝所有请求。",
    "demo_answer": (
        "这里是网关的演示渠道：没有模型读过您的文字，这次回答也没有向任何服务器付费。"
        "您写了 {words} 个字，开头是：{excerpt} "
        "其余都是真的：您的词元密钥、限额、扣费和账本。在目录中添加渠道，即可得到模型的回答。"
    ),
    "key_missing": "未提供密钥",
    "key_placeholder": "文档中的占位文字没有替换",
    "key_expired": "{hint} 已过期",
    "key_revoked": "{hint} 已吊销",
    "key_disabled": "{hint} 已停用，可在控制台重新启用",
    "key_is_url": "收到的是网址而不是词元密钥",
    "http_request_line": "首行格式不正确",
    "http_header": "有一行请求头格式不正确",
    "http_target": "请求目标不是有效的路径",
    "http_host": "必须恰有一个有效的 Host 请求头",
    "http_framing": "Content-Length 或 Transfer-Encoding 格式不正确或有歧义",
    "http_chunks": "分块请求体格式不正确",
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
