"""A notify that is a form: its fields, read once and strictly, and the word that takes it."""

from typing import Final
from urllib.parse import parse_qsl

from yiyuan.integrations.payments.values import FORM, NotifyError, Received, Reply, Verdict

FIELDS_MAX: Final = 100


def form_fields(received: Received) -> dict[str, str]:
    """The fields of a GET's query or of a form; never of both at once.

    A POST without a body may carry them in its query. Raises NotifyError for repeated
    names, a mixture, another media type, bytes that are not UTF-8 or zero, too many fields.
    """
    body = received.body.strip()
    if body and received.query:
        message = "fields in the query and in the body"
        raise NotifyError(message)
    media_type = received.headers.get("content-type", FORM).split(";")[0].strip().lower()
    if body and media_type not in (FORM, ""):
        message = "not a form"
        raise NotifyError(message)
    try:
        text = body.decode("utf-8") if body else received.query
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError:
        message = "not a form in UTF-8"
        raise NotifyError(message) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        message = "a field is repeated"
        raise NotifyError(message)
    if "\0" in "".join(fields.values()):
        message = "a zero byte in a field"
        raise NotifyError(message)
    return fields


def say_success(verdict: Verdict) -> Reply:
    """The reply of who looks for `success` in the body, as Alipay and EPay do."""
    return Reply(200, body=b"success" if verdict == "accepted" else b"fail")
