"""What a client reads who asks too often, for too much at once, or without any money."""

LIMITS_EN = {
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
    "balance_is_empty": (
        "Insufficient balance: nothing is left to pay for this request. Top up at {topup_url}."
    ),
    "file_may_need": (
        "Insufficient balance: this request may cost up to {required} and {available} is "
        "available. The size of a file in it is unknown: this file may need up to "
        "{unseen_tokens} tokens. Top up at {topup_url}, or send its text or its pages as pictures."
    ),
    "refused_too_often": (
        "Too many of this account's requests were rejected: at most {limit} a minute, and 32 MiB "
        "of large bodies, are processed. Please fix the cause and try again in {retry_seconds}s."
    ),
    "counted_too_often": (
        "Tokens may be counted {limit} times a minute. Please try again in {retry_seconds}s."
    ),
    "large_requests_waiting": (
        "{limit} large requests of this account are already waiting. "
        "Please try again when one of them has been read."
    ),
    "bodies_too_large_at_once": (
        "The bodies of this account's open requests together may take {limit_bytes} bytes. "
        "Please try again when one of them has finished."
    ),
    "too_many_connections": (
        "Too many connections from your address: at most {limit} may be open at once. "
        "Please reuse connections."
    ),
    "too_many_values": (
        "The body contains too many values: at most {limit} are read. "
        "Send the text as one string, or split the request."
    ),
}
LIMITS_ZH = {
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
    "balance_is_empty": "余额不足：已没有余额可支付此请求。请在 {topup_url} 充值。",
    "file_may_need": (
        "余额不足：此请求最多可能花费 {required}，可用余额为 {available}。"
        "其中有文件看不出大小：此文件最多可能需要 {unseen_tokens} 个 tokens。"
        "请在 {topup_url} 充值，或改为发送其文字，或把各页作为图片发送。"
    ),
    "refused_too_often": (
        "此账户被拒绝的请求过多：每分钟最多处理 {limit} 个，且较大的请求体合计不超过 32 MiB。"
        "请先解决被拒绝的原因，并在 {retry_seconds} 秒后重试。"
    ),
    "counted_too_often": "每分钟最多计算 {limit} 次 token 数。请在 {retry_seconds} 秒后重试。",
    "large_requests_waiting": "此账户已有 {limit} 个较大的请求在等待处理。请等其中一个读完后重试。",
    "bodies_too_large_at_once": (
        "此账户未完成的请求，请求体合计最多 {limit_bytes} 字节。请等其中一个完成后重试。"
    ),
    "too_many_connections": "来自您的地址的连接过多：最多同时打开 {limit} 个。请复用连接。",
    "too_many_values": (
        "请求体包含的值过多：最多读取 {limit} 个。请把文本合并为一个字符串，或分次发送。"
    ),
}
