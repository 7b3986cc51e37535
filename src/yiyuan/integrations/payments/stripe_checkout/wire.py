"""How Stripe is called, and how its sessions are read."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from yiyuan.integrations.call import Call
from yiyuan.integrations.payments.json_answer import Json, text_of
from yiyuan.integrations.payments.values import FORM, Config, Fact

VERSION: Final = "2026-08-26.dahlia"
ADDRESS: Final = "https://api.stripe.com"
PAGE: Final = "100"


def call(
    config: Config, method: str, path: str, fields: Mapping[str, str] | None = None, key: str = ""
) -> Call:
    """A call of Stripe's API; a GET has its fields in the query, all else in a form."""
    base = (config["base_url"] or ADDRESS).rstrip("/").removesuffix("/v1")
    headers = [("authorization", f"Bearer {config['secret_key']}"), ("stripe-version", VERSION)]
    encoded = urlencode(fields or {})
    if method == "GET":
        url = f"{base}/v1/{path}?{encoded}" if encoded else f"{base}/v1/{path}"
        return Call("GET", url, tuple(headers))
    headers.append(("content-type", FORM))
    if key:
        headers.append(("idempotency-key", key))
    return Call(method, f"{base}/v1/{path}", tuple(headers), encoded.encode())


def id_of(value: object) -> str:
    """An id, or that of an expanded object."""
    return text_of(value.get("id")) if isinstance(value, dict) else text_of(value)


def number_of(session: Json) -> str:
    """Our number of a session, empty where the session is not one of ours.

    `client_reference_id` alone proves nothing: of a Payment Link of the same Stripe account
    the payer appends it to the address. `metadata` only who has the secret key can write.
    """
    number, metadata = text_of(session.get("client_reference_id")), session.get("metadata")
    ours = text_of(metadata.get("order")) if isinstance(metadata, dict) else ""
    return number if number == ours else ""


def fact(session: Json) -> Fact:
    """What a session says of its payment."""
    status, paid = text_of(session.get("status")), text_of(session.get("payment_status"))
    amount, livemode = session.get("amount_total"), session.get("livemode")
    values: dict[str, Any] = {
        "number": number_of(session),
        "currency": text_of(session.get("currency")) or None,
        "amount_minor": amount if isinstance(amount, int) else None,
        "payment_ref": id_of(session.get("payment_intent")) or None,
        "is_test": None if livemode is None else livemode is False,
    }
    if session.get("mode") != "payment" or paid == "no_payment_required":
        return Fact(state="paid", **{**values, "amount_minor": -1}, reason="no_payment_required")
    if status == "complete":
        return Fact(state="paid" if paid == "paid" else "pending", **values)
    return Fact(state={"open": "pending", "expired": "closed"}.get(status, "unknown"), **values)  # type: ignore[arg-type]
