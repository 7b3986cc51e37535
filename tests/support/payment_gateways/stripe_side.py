"""Stripe's side: sessions, refunds, disputes, idempotency and signed events, from its docs."""

import hashlib
import hmac
import json
import time
from typing import Any

from tests.support.payment_gateways.server import Answer, Provider, Request, Trade, json_answer


class Stripe(Provider):
    """Keeps the first answer of each idempotency key, failures included."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """secret_key, webhook_secret, notify_url; livemode."""
        super().__init__(settings)
        self.sessions: dict[str, Trade] = {}
        self.disputes: dict[str, dict[str, Any]] = {}
        self.kept: dict[str, tuple[dict[str, str], Answer]] = {}
        self.fail_next_create = 0
        self.old_sessions = 0

    def do_forget(self) -> Any:
        """Sessions stay known, for whoever still asks about them, but in no list any more."""
        for trade in self.sessions.values():
            trade.more["is_lost"] = True
        self.old_sessions = len(self.sessions)
        return super().do_forget()

    def do_money_in(self) -> Any:
        """Of every session: a number can have several."""
        new = list(self.sessions.values())[self.old_sessions :]
        return sum(trade.amount_minor for trade in new if trade.state == "paid")

    def do_fail_creates(self, times: int) -> Any:
        """Answer the next creates with a stored 500; the session exists all the same."""
        self.fail_next_create = times
        return {}

    def do_notify(self, number: str, times: int = 1, **options: Any) -> Any:
        """Find the trade by number or session id."""
        if number not in self.trades and number in self.sessions:
            self.trades[number] = self.sessions[number]
        return super().do_notify(number, times, **options)

    def do_pay(self, number: str, amount_minor: int | None = None, **more: Any) -> Any:
        """`session` picks one of several."""
        session = more.pop("session", None)
        if session:
            self.trades[number] = self.sessions[session]
        return super().do_pay(
            number, amount_minor, ref=more.pop("ref", self.new_ref("pi_")), **more
        )

    def do_payment_link(self, number: str, amount_minor: int) -> Any:
        """A payer has bought something else by a Payment Link, with a number appended to it."""
        session = f"cs_test_{len(self.sessions) + 1}"
        more = {"created": int(time.time())}
        self.sessions[session] = Trade(
            number, amount_minor, "cny", state="paid", ref=self.new_ref("pi_"), more=more
        )
        return session

    def do_sessions(self) -> Any:
        """All sessions."""
        return {sid: {"number": t.number, "state": t.state} for sid, t in self.sessions.items()}

    def do_dispute(self, number: str, status: str, moves: list[int], ref: str = "dp_1") -> Any:
        """Open or change a dispute."""
        trade = self.trades[number]
        self.disputes[ref] = {
            "id": ref,
            "object": "dispute",
            "amount": trade.more.get("disputed", trade.amount_minor),
            "payment_intent": trade.ref,
            "status": status,
            "balance_transactions": [{"amount": m, "fee": 1500 if m < 0 else 0} for m in moves],
        }
        return {}

    def handle(self, request: Request) -> Answer:
        """One call."""
        if request.headers.get("authorization") != f"Bearer {self.settings['secret_key']}":
            return json_answer({"error": {"message": "Invalid API Key provided"}}, 401)
        assert request.headers["stripe-version"] == "2026-08-26.dahlia"
        key = request.headers.get("idempotency-key")
        if key and key in self.kept:
            form, answer = self.kept[key]
            if form != request.form:
                return json_answer({"error": {"message": "Keys for idempotent requests"}}, 400)
            return answer
        if request.method == "POST":
            assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        answer = self.route(request)
        if key:
            self.kept[key] = (request.form, answer)
        return answer

    def route(self, request: Request) -> Answer:
        """By path."""
        parts = request.path.removeprefix("/v1/").split("/")
        match [request.method, *parts]:
            case ["POST", "checkout", "sessions"]:
                return self.create(request.form)
            case ["GET", "checkout", "sessions"]:
                wanted = request.query.get("status")
                there = [(s, t) for s, t in self.sessions.items() if not t.more.get("is_lost")]
                found = [self.shown(s, t) for s, t in reversed(there)]
                data = [s for s in found if wanted in (None, s["status"])]
                return json_answer({"data": data, "has_more": False})
            case ["GET", "checkout", "sessions", session]:
                return json_answer(self.shown(session, self.sessions[session]))
            case ["POST", "checkout", "sessions", session, "expire"]:
                trade = self.sessions[session]
                if trade.state != "waiting":
                    return json_answer({"error": {"message": "not open"}}, 400)
                trade.state = "closed"
                return json_answer(self.shown(session, trade))
            case ["POST", "refunds"]:
                return self.refund(request.form)
            case ["GET", "refunds"]:
                trade = self.by_ref(request.query["payment_intent"])
                return json_answer({"data": [self.refund_shown(trade, r) for r in trade.refunds]})
            case ["GET", "disputes", ref]:
                return json_answer(self.disputes[ref])
        return json_answer({"error": {"message": "unknown"}}, 404)

    def by_ref(self, ref: str) -> Trade:
        """The trade of a payment intent."""
        return next(t for t in self.sessions.values() if t.ref == ref)

    def create(self, form: dict[str, str]) -> Answer:
        """A session."""
        price = "line_items[0][price_data]"
        if int(form["expires_at"]) < time.time() + 30 * 60:
            return json_answer({"error": {"message": "expires_at too early"}}, 400)
        assert form["adaptive_pricing[enabled]"] == "false"
        if form[f"{price}[unit_amount]"] == str(self.settings.get("refused_minor")):
            return json_answer({"error": {"message": "amount too small <script>x</script>"}}, 400)
        session = f"cs_test_{len(self.sessions) + 1}"
        trade = Trade(
            form["client_reference_id"],
            int(form[f"{price}[unit_amount]"]),
            form[f"{price}[currency]"],
            self.settings.get("notify_url", ""),
        )
        trade.more["created"] = int(time.time())
        trade.more["order"] = form["metadata[order]"]
        self.sessions[session] = trade
        self.trades[trade.number] = trade
        if self.fail_next_create:
            self.fail_next_create -= 1
            return json_answer({"error": {"message": "try again"}}, 500)
        return json_answer(self.shown(session, trade))

    def shown(self, session: str, trade: Trade) -> dict[str, Any]:
        """A session object."""
        paid = trade.state == "paid"
        shown = {
            "id": session,
            "object": "checkout.session",
            "mode": "payment",
            "created": trade.more.get("created"),
            "client_reference_id": trade.number,
            "metadata": {"order": trade.more["order"]} if "order" in trade.more else {},
            "currency": trade.currency,
            "amount_total": trade.amount_minor,
            "livemode": self.settings.get("livemode", True),
            "payment_intent": trade.ref or None,
            "payment_status": "paid" if paid else "unpaid",
            "status": {"waiting": "open", "closed": "expired"}.get(trade.state, "complete"),
            "url": f"{self.origin}/pay/{session}" if trade.state == "waiting" else None,
        }
        shown |= trade.more.get("session", {})
        return shown

    def refund(self, form: dict[str, str]) -> Answer:
        """A refund of ours."""
        trade = self.by_ref(form["payment_intent"])
        amount = int(form["amount"])
        if trade.refunded_minor + amount > trade.amount_minor:
            return json_answer({"error": {"message": "greater than unrefunded amount"}}, 400)
        if self.settings.get("refuse_refunds"):
            return json_answer({"error": {"message": "insufficient funds"}}, 400)
        our = form.get("metadata[refund]", "")
        refund = {"ref": self.new_ref("re_"), "our": our, "amount": amount}
        refund["state"] = self.settings.get("refund_state", "done")
        trade.refunds.append(refund)
        return json_answer(self.refund_shown(trade, refund))

    def refund_shown(self, trade: Trade, refund: dict[str, Any]) -> dict[str, Any]:
        """A refund object."""
        state = refund.get("state", "done")
        return {
            "id": refund["ref"],
            "object": "refund",
            "amount": refund["amount"],
            "payment_intent": trade.ref,
            "metadata": {"refund": refund["our"]} if refund["our"] else {},
            "status": {"done": "succeeded"}.get(state, state),
        }

    def notify_request(self, trade: Trade, options: dict[str, Any]) -> Any:
        """A signed event."""
        kind = options.get("type", "checkout.session.completed")
        session = next(s for s, t in reversed(self.sessions.items()) if t is trade)
        thing: dict[str, Any] = self.shown(session, trade)
        if kind.startswith("charge.dispute"):
            thing = self.disputes[options.get("dispute", "dp_1")]
        elif kind.startswith("refund."):
            thing = self.refund_shown(trade, trade.refunds[-1])
        elif kind == "charge.refunded":
            thing = {"id": "ch_1", "object": "charge", "payment_intent": trade.ref}
        thing = {**thing, **options.get("object", {})}
        event = {"id": self.new_ref("evt_"), "type": kind, "data": {"object": thing}}
        body = json.dumps(event).encode()
        moment = int(time.time()) - options.get("age", 0)
        secret = options.get("secret", self.settings["webhook_secret"])
        mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        parts = [f"t={moment}", *options.get("more_parts", [])]
        parts += [f"{options.get('scheme', 'v1')}={mac}"]
        if options.get("tampered"):
            body += b" "
        headers = {"stripe-signature": ",".join(parts), "content-type": "application/json"}
        return (
            "POST",
            options.get("url", trade.notify_url or self.settings.get("notify_url", "")),
            headers,
            body,
        )


def make(_: str, settings: dict[str, Any]) -> Stripe:
    """The provider."""
    return Stripe(settings)
