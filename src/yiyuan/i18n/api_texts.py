"""Every sentence a client may read, in Chinese and English, by key.

A key is also the error's `code`. Both languages have every key and the same places to fill.
"""

from yiyuan.i18n.limit_texts import LIMITS_EN, LIMITS_ZH
from yiyuan.i18n.plurals import fill
from yiyuan.i18n.zh.api.texts import ZH

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
        "Content-Encoding '{encoding}' is not supported. "
        "Send the body as it is, or in gzip or zstd."
    ),
    "operation_not_supported": "The model '{model}' does not support {operation}.",
    "upstream_rejected": "The model's server refused the request: {reason}",
    "context_length_exceeded": (
        "The prompt is too long: it exceeds the model's maximum context length. {reason}"
    ),
    "content_filter": "The model's server refused the content: {reason}",
    "thread_unsupported_request": (
        "Threads are not kept here: leave '{param}' out and send the whole conversation."
    ),
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
    "member_budget_exceeded": (
        "Insufficient balance: your budget as a member of this account has {available} left "
        "and the request may cost up to {required}. {remedy}"
    ),
    "budget_total": "own budget",
    "budget_day": "own budget for today (UTC)",
    "budget_month": "own budget for this month (UTC)",
    "budget_total_of_model": "own budget for the model '{model}'",
    "budget_day_of_model": "own budget for the model '{model}' today (UTC)",
    "budget_month_of_model": "own budget for the model '{model}' this month (UTC)",
    "budget_stays": "Raise the token's budget or lower max_tokens.",
    "budget_resets": (
        "It resets at {at}: wait until then, raise the token's budget or lower max_tokens."
    ),
    "budget_stays_of_member": "Ask an owner of the account to raise it, or lower max_tokens.",
    "budget_resets_of_member": (
        "It resets at {at}: wait until then, ask an owner of the account to raise it, or "
        "lower max_tokens."
    ),
    "shortfall_limit_exceeded": (
        "Several of this account's requests to the model '{model}' cost more than was held for "
        "them. New ones are rejected until the operator has reviewed these: please contact the "
        "operator."
    ),
    # 403, 404, 405
    "model_not_allowed": "This API token may not use the model '{model}'.",
    "ip_not_allowed": "This API token may not be used from the address {address}.",
    "account_suspended": "This account is suspended. Please contact the operator.",
    "account_owes": (
        "This account is suspended: after a refund or dispute it owes {owed}. Top up at "
        "{topup_url}: the debt is paid first, then the account is restored."
    ),
    "model_not_found": (
        "The model '{model}' does not exist or you do not have access to it. "
        "GET /v1/models lists the models you can use."
    ),
    "not_found": "Unknown request URL: {method} {path}.",
    "host_not_allowed": (
        "This server does not answer for {host}. Its operator can add the name to "
        "YIYUAN_ALLOWED_HOSTS."
    ),
    "method_not_allowed": "{path} does not support {method}; use {allowed}.",
    # 408, 413, 426, 431
    "upgrade_refused": "{path} accepts no websockets; send a POST request and ask for a stream.",
    "request_timeout": "The request was not received in time.",
    "request_too_large": "The request body is larger than {limit_bytes} bytes.",
    "headers_too_large": "The request's headers are larger than {limit_bytes} bytes.",
    **LIMITS_EN,
    # 5xx
    "internal_error": "Something went wrong on our side. Please quote the request id {request_id}.",
    "upstream_error": "The model's server failed. You were not charged. Please try again.",
    "no_channel_available": (
        "No server is available for the model '{model}' right now. Please try again shortly."
    ),
    "overloaded": "The gateway is overloaded. Please try again shortly.",
    "upstream_timeout": "The model's server did not answer in time. You were not charged.",
    "stream_interrupted": (
        "The model's server stopped in the middle of its answer. "
        "You are only charged for what was delivered."
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
    "value_zero": "the model must be allowed to write at least one token",
    "value_echo_logprobs": "it cannot be combined with echo for this model",
    "value_not_text": "'{kind}' content cannot be sent to this model",
    "value_too_deep": "it is nested too deeply",
    "value_size_unknown": "the length of a '{kind}' part cannot be seen, and how much the model "
    "'{model}' can read is not known here",
    "value_token_ids": "token ids cannot be read for this model; send text",
    "value_unknown_ids": "it has token ids that the model's vocabulary lacks",
    "value_stateless": "nothing is stored here; send the whole conversation as input",
    "value_item_reference": (
        "nothing is stored here, so an id refers to nothing; "
        "set `store: false` in your client so that it sends whole items"
    ),
    "value_no_background": "answers are generated while the client waits; leave it out",
    "value_compacted": "it has a compacted history of another route; send the whole conversation",
    "value_always_thinks": "{model} always thinks; this cannot be turned off",
    "value_image_url": "the model takes pictures only in the request, as base64",
    "value_not_object": "a call's arguments must be a JSON object",
    "value_unknown_call": "no call before it has the id '{call}'",
    "value_no_templates": "no templates are stored here; send their text as input",
    # why a limit is what it is
    "limits_suspended": "The account is suspended: every request is refused.",
    "limits_disabled": "The model is disabled: every request is refused.",
    "limits_promised": "The operator set a minimum tier: that of a balance of {promised}.",
    "limits_tier": "The balance of {balance} is in the tier from {reached}: limits × {rate}.",
    "limits_no_tier": "The balance of {balance} is below every tier: limits × 1.",
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
    "key_missing": "no token was sent",
    "key_placeholder": "the placeholder from the documentation was not replaced",
    "key_expired": "{hint} has expired",
    "key_revoked": "{hint} is revoked",
    "key_disabled": "{hint} is disabled and can be enabled again",
    "key_is_url": "a web address was sent instead of an API token",
    "http_request_line": "its first line is malformed",
    "http_header": "a header line is malformed",
    "http_target": "its target is not a valid path",
    "http_host": "it needs exactly one valid Host header",
    "http_framing": "its Content-Length or Transfer-Encoding is malformed or ambiguous",
    "http_encoding": "its body is not compressed as its Content-Encoding says",
    "http_chunks": "its chunked body is malformed",
}

MESSAGES = {"en": _EN, "zh": {**ZH, **LIMITS_ZH}}


def message(key: str, language: str, **fields: object) -> str:
    """The sentence for `key` in `language`, its places filled with `fields`."""
    texts = MESSAGES[language]
    filled = {
        name: fill(texts[value.key], value.fields) if isinstance(value, Phrase) else value
        for name, value in fields.items()
    }
    return fill(texts[key], filled)


class Phrase:
    """A part of a sentence that is itself translated when it is shown."""

    def __init__(self, key: str, **fields: object) -> None:
        """`key` and `fields` as in `message`."""
        self.key = key
        self.fields = fields
