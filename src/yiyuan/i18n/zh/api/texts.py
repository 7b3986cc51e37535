"""The sentences of `i18n/api_texts.py` in Chinese, by the same keys, but for those of limits."""

ZH = {
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
    "unsupported_content_encoding": (
        "不支持 Content-Encoding “{encoding}”，请发送未压缩的，或以 gzip、zstd 压缩的请求体。"
    ),
    "operation_not_supported": "模型“{model}”不支持 {operation}。",
    "upstream_rejected": "模型服务器拒绝了请求：{reason}",
    "context_length_exceeded": "提示词过长：超出了该模型的最大上下文长度。{reason}",
    "content_filter": "模型服务器拒绝了该内容：{reason}",
    "thread_unsupported_request": "此处不保存会话：请去掉“{param}”，并发送完整对话。",
    "invalid_api_key": "词元密钥无效：{hint}。您可以在控制台创建和管理词元密钥：{console_url}",
    "insufficient_balance": (
        "余额不足：此请求最多可能花费 {required}，可用余额为 {available}。"
        "请在 {topup_url} 充值，或减小 max_tokens。"
    ),
    "token_budget_exceeded": (
        "余额不足：此词元密钥{budget}还剩 {available}，而此请求最多可能花费 {required}。{remedy}"
    ),
    "member_budget_exceeded": (
        "余额不足：账户给您这位成员的额度还剩 {available}，"
        "而此请求最多可能花费 {required}。{remedy}"
    ),
    "budget_total": "自身的预算",
    "budget_day": "今日（UTC）的预算",
    "budget_month": "本月（UTC）的预算",
    "budget_total_of_model": "用于模型“{model}”的预算",
    "budget_day_of_model": "今日（UTC）用于模型“{model}”的预算",
    "budget_month_of_model": "本月（UTC）用于模型“{model}”的预算",
    "budget_stays": "请提高密钥预算，或减小 max_tokens。",
    "budget_resets": "预算将于 {at} 重置：请届时再试、提高密钥预算，或减小 max_tokens。",
    "budget_stays_of_member": "请让账户的所有者提高额度，或减小 max_tokens。",
    "budget_resets_of_member": (
        "它将于 {at} 重置：请届时再试、让账户的所有者提高额度，或减小 max_tokens。"
    ),
    "shortfall_limit_exceeded": (
        "此账户发往模型“{model}”的多个请求费用超出了预扣。在运营者查看之前不再接受新请求，"
        "请联系运营者。"
    ),
    "model_not_allowed": "此词元密钥无权使用模型“{model}”。",
    "ip_not_allowed": "此词元密钥不允许从地址 {address} 使用。",
    "account_suspended": "此账户已被停用，请联系运营者。",
    "account_owes": (
        "此账户已被停用：退款或争议之后尚欠 {owed}。"
        "请到 {topup_url} 充值：先偿还欠款，账户随后恢复。"
    ),
    "model_not_found": (
        "模型“{model}”不存在，或您无权使用。可用 GET /v1/models 查看您能使用的模型。"
    ),
    "not_found": "{method} {path} 不存在。",
    "host_not_allowed": "本服务不应答主机名 {host}。运营者可将其加入 YIYUAN_ALLOWED_HOSTS。",
    "method_not_allowed": "{path} 不支持 {method}，请使用 {allowed}。",
    "upgrade_refused": "{path} 在此处不是 websocket；请发送 POST 请求，并要求流式输出。",
    "request_timeout": "未能及时收到完整的请求。",
    "request_too_large": "请求体超过 {limit_bytes} 字节。",
    "headers_too_large": "请求头超过 {limit_bytes} 字节。",
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
    "value_size_unknown": "看不出类型为“{kind}”的部分有多长，而此处不知道模型“{model}”最多能读多少",
    "value_token_ids": "无法为该模型解读 token 编号，请发送文本",
    "value_unknown_ids": "含有该模型词表中没有的 token 编号",
    "value_stateless": "此处不保存任何内容，请把完整对话作为 input 发送",
    "value_item_reference": (
        "此处不保存任何内容，id 无法引用；请在客户端设置 `store: false`，它就会发送完整的条目"
    ),
    "value_no_background": "回答在客户端等待时生成，请去掉此参数",
    "value_compacted": "其中有来自另一条线路的压缩历史，请发送完整对话",
    "value_always_thinks": "{model} 总会思考，无法关闭",
    "value_image_url": "该模型只接受以 base64 放在请求里的图片",
    "value_not_object": "工具调用的参数必须是 JSON 对象",
    "value_unknown_call": "前面没有编号为“{call}”的调用",
    "value_no_templates": "此处不保存模板，请把其文本作为 input 发送",
    "limits_suspended": "该账户已停用：拒绝所有请求。",
    "limits_disabled": "该模型已停用：拒绝所有请求。",
    "limits_promised": "运营者设定的最低等级按余额 {promised} 计算。",
    "limits_tier": "余额 {balance} 属于从 {reached} 起的等级：限额 × {rate}。",
    "limits_no_tier": "余额 {balance} 未达到任何等级：限额 × 1。",
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
    "http_encoding": "请求体不是 Content-Encoding 所说的压缩格式",
    "http_chunks": "分块请求体格式不正确",
}
