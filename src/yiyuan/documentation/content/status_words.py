"""The words of the status page, in both languages; the tests hold them to the same keys."""

_EN = {
    "title": "Status",
    "description": "How the models of this gateway answer, hour by hour, and what went wrong.",
    "now_ok": "All models answer.",
    "now_some_errors": "Some requests fail right now.",
    "now_many_errors": "Many requests fail right now.",
    "now_no_data": "No requests in the last two hours, so there is nothing to tell.",
    "open_incident": "There is an open incident.",
    "updated": "As of {time}.",
    "incidents": "Incidents",
    "no_incidents": "No incident within the last two weeks.",
    "investigating": "Investigating",
    "identified": "Identified",
    "monitoring": "Monitoring",
    "resolved": "Resolved",
    "about": "Models: {models}",
    "span": "From {began} to {resolved}",
    "since": "Since {began}",
    "models": "Models",
    "no_models": "No model is offered here yet.",
    "explained": (
        "Each bar is one hour (UTC), the present one last: the share of a model’s requests that it "
        "answered. Requests that were refused, such as for a wrong key or a limit, do not count. "
        "Without a request there is no data, which says neither good nor bad."
    ),
    "ok": "Works",
    "some_errors": "Some errors",
    "many_errors": "Many errors",
    "no_data": "No data",
    "legend_ok": "99 % or more",
    "legend_some_errors": "90 % or more",
    "legend_many_errors": "less",
    "legend_no_data": "no requests",
    "legend": "Colors and heights",
    "day": "24 hours",
    "week": "7 days",
    "bars": (
        "{model}, the last {hours} hours: {fine} with 99 % or more, {bad} with less, "
        "{none} without data"
    ),
    "details": "Hours with errors",
    "hour": "Hour (UTC)",
    "answered": "Answered",
    "json": "The same as JSON",
    "customers_only": "The status page is for customers",
    "customers_only_text": "Sign in to the console, then open this page again.",
    "away": "The status cannot be read",
    "away_text": "The gateway’s database does not answer. Try again in a moment.",
    "sign_in": "Open the console",
}

_ZH = {
    "title": "服务状态",
    "description": "本网关各模型按小时的可用率，以及运营者发布的故障通报。",
    "now_ok": "所有模型均正常应答。",
    "now_some_errors": "目前有部分请求失败。",
    "now_many_errors": "目前有大量请求失败。",
    "now_no_data": "最近两小时没有请求，暂无数据。",
    "open_incident": "有尚未解决的故障。",
    "updated": "数据截至 {time}。",
    "incidents": "故障通报",
    "no_incidents": "最近两周没有故障通报。",
    "investigating": "调查中",
    "identified": "已定位",
    "monitoring": "观察中",
    "resolved": "已解决",
    "about": "涉及模型：{models}",
    "span": "{began} 至 {resolved}",
    "since": "始于 {began}",
    "models": "模型",
    "no_models": "这里还没有提供模型。",
    "explained": (
        "每根柱代表一小时（UTC），最右为当前小时，表示该模型成功应答的请求占比。"
        "因密钥错误、超出限额等被拒绝的请求不计入。没有请求的小时没有数据，不代表正常或异常。"
    ),
    "ok": "正常",
    "some_errors": "少量错误",
    "many_errors": "大量错误",
    "no_data": "暂无数据",
    "legend_ok": "99% 及以上",
    "legend_some_errors": "90% 及以上",
    "legend_many_errors": "低于 90%",
    "legend_no_data": "没有请求",
    "legend": "颜色与高度",
    "day": "24 小时",
    "week": "7 天",
    "bars": (
        "{model}，最近 {hours} 小时：{fine} 小时不低于 99%，{bad} 小时低于 99%，{none} 小时没有数据"
    ),
    "details": "有错误的小时",
    "hour": "小时（UTC）",
    "answered": "成功应答",
    "json": "以 JSON 查看",
    "customers_only": "服务状态仅向客户开放",
    "customers_only_text": "请先登录控制台，再打开本页。",
    "away": "暂时无法读取服务状态",
    "away_text": "网关的数据库没有应答，请稍后再试。",
    "sign_in": "打开控制台",
}

STATUS_WORDS = {"en": _EN, "zh": _ZH}
