"""WeChat Pay's side: signed both ways, encrypted notifies, certificates or a public key."""

import base64
import hashlib
import json
import os
import re
import secrets
import time
from typing import Any
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.payment_gateways.keys import private_key, public_key
from tests.support.payment_gateways.server import Answer, Provider, Request, Trade


class Wechat(Provider):
    """`signs_with` is `public_key` or `certificate`."""

    def sign(self, raw: str, way: str) -> str:
        """WeChat Pay's signature."""
        name = {"certificate": "certificate_key", "public_key": "wechat_private_key"}[way]
        if self.settings.get("spoil") == "wrong_key":
            name = "other_key"
        key = private_key(self.settings[name])
        return base64.b64encode(key.sign(raw.encode(), PKCS1v15(), SHA256())).decode()

    def headers_for(self, body: str, way: str, age: int = 0) -> dict[str, str]:
        """The headers that prove a body."""
        moment, nonce = str(int(time.time()) - age), secrets.token_hex(16)
        is_certificate = way == "certificate"
        serial = self.settings["certificate_serial" if is_certificate else "public_key_id"]
        return {
            "wechatpay-timestamp": moment,
            "wechatpay-nonce": nonce,
            "wechatpay-serial": serial,
            "wechatpay-signature": self.sign(f"{moment}\n{nonce}\n{body}\n", way),
            "content-type": "application/json",
        }

    def answer(self, found: Any, status: int = 200) -> Answer:
        """Signed as the merchant's mode is."""
        body = "" if found is None else json.dumps(found, ensure_ascii=False)
        way = self.settings.get("signs_with", "public_key")
        age = 301 if self.settings.get("spoil") == "stale" else 0
        return Answer(status, self.headers_for(body, way, age), body.encode())

    def is_merchant(self, request: Request, target: str) -> bool:
        """Whether the merchant has signed this."""
        header = request.headers.get("authorization", "")
        values = dict(re.findall(r'(\w+)="([^"]*)"', header))
        if not header.startswith("WECHATPAY2-SHA256-RSA2048 ") or "signature" not in values:
            return False
        text = f"{request.method}\n{target}\n{values['timestamp']}\n{values['nonce_str']}\n"
        text += f"{request.body.decode()}\n"
        key = public_key(self.settings["merchant_public_key"])
        try:
            key.verify(base64.b64decode(values["signature"]), text.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return values["mchid"] == self.settings["mchid"]

    def handle(self, request: Request) -> Answer:
        """One call."""
        query = "&".join(f"{n}={v}" for n, v in request.query.items())
        target = f"{request.path}?{query}" if query else request.path
        if not self.is_merchant(request, target):
            body = json.dumps({"code": "SIGN_ERROR", "message": "错误的签名"}).encode()
            return Answer(401, {"content-type": "application/json"}, body)
        path = unquote(request.path)
        content = json.loads(request.body) if request.body else {}
        if path == "/v3/certificates":
            return self.certificates()
        if path.startswith("/v3/pay/transactions/out-trade-no/"):
            parts = path.split("/")
            trade = self.trades.get(parts[5])
            if parts[-1] == "close":
                return self.close(trade)
            if trade is None:
                return self.answer({"code": "ORDER_NOT_EXIST", "message": "订单不存在"}, 404)
            return self.answer(self.facts(trade))
        if path in ("/v3/pay/transactions/native", "/v3/pay/transactions/h5"):
            return self.create(content, path.rpartition("/")[2])
        if path == "/v3/refund/domestic/refunds":
            return self.refund(content)
        if path.startswith("/v3/refund/domestic/refunds/"):
            return self.refund_query(path.rpartition("/")[2])
        if path == "/v3/bill/tradebill":
            digest = hashlib.sha1(self.bill()).hexdigest()
            url = f"{self.origin}/v3/billdownload/file"
            return self.answer({"hash_type": "SHA1", "hash_value": digest, "download_url": url})
        if path == "/v3/billdownload/file":
            return Answer(200, {}, self.bill())
        return self.answer({"code": "NOT_FOUND"}, 404)

    def certificates(self) -> Answer:
        """Signed with the certificate itself."""
        nonce = secrets.token_hex(6)
        pem = self.settings["certificate_pem"].encode()
        sealed = AESGCM(self.settings["apiv3_key"].encode()).encrypt(
            nonce.encode(), pem, b"certificate"
        )
        entry = {
            "serial_no": self.settings["certificate_serial"],
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": "certificate",
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        }
        body = json.dumps({"data": [entry]})
        return Answer(200, self.headers_for(body, "certificate"), body.encode())

    def create(self, content: dict[str, Any], kind: str) -> Answer:
        """An order."""
        if "?" in content["notify_url"]:
            return self.answer({"code": "PARAM_ERROR", "message": "notify_url"}, 400)
        amount = content["amount"]
        if amount["total"] == self.settings.get("refused_minor"):
            return self.answer({"code": "PARAM_ERROR", "message": "金额超限"}, 400)
        number = content["out_trade_no"]
        trade = Trade(number, amount["total"], amount["currency"].lower(), content["notify_url"])
        trade.more["appid"] = content["appid"]
        self.trades.setdefault(number, trade)
        if kind == "h5":
            return self.answer({"h5_url": f"{self.origin}/h5?prepay_id={number}"})
        return self.answer({"code_url": f"weixin://wxpay/bizpayurl?pr={number}"})

    def facts(self, trade: Trade) -> dict[str, Any]:
        """A transaction."""
        states = {"waiting": "NOTPAY", "paid": "SUCCESS", "closed": "CLOSED", "failed": "PAYERROR"}
        state = "REFUND" if trade.refunds else states[trade.state]
        total = trade.amount_minor
        facts: dict[str, Any] = {
            "mchid": trade.more.get("mchid", self.settings["mchid"]),
            "appid": trade.more.get("appid"),
            "out_trade_no": trade.number,
            "trade_state": state,
            "amount": {"total": total, "currency": trade.currency.upper()},
        }
        if trade.state == "paid":
            coupon = trade.more.get("coupon", 0)
            facts["transaction_id"] = trade.ref
            facts["amount"]["payer_total"] = total - coupon
        return facts

    def close(self, trade: Trade | None) -> Answer:
        """204, or not."""
        if trade is None:
            return self.answer({"code": "ORDER_NOT_EXIST", "message": "x"}, 404)
        if trade.state == "paid":
            return self.answer({"code": "ORDER_PAID", "message": "订单已支付"}, 400)
        trade.state = "closed"
        return self.answer(None, 204)

    def refund(self, content: dict[str, Any]) -> Answer:
        """Idempotent by out_refund_no."""
        if self.settings.get("refuse_refunds"):
            return self.answer({"code": "NOT_ENOUGH", "message": "余额不足"}, 403)
        trade = self.trades[content["out_trade_no"]]
        our, minor = content["out_refund_no"], content["amount"]["refund"]
        if all(r["our"] != our for r in trade.refunds):
            trade.refunds.append({"ref": self.new_ref("R"), "our": our, "amount": minor})
        return self.refund_query(our)

    def refund_query(self, our: str) -> Answer:
        """A refund."""
        for trade in self.trades.values():
            for refund in trade.refunds:
                if refund["our"] == our:
                    return self.answer(
                        {
                            "refund_id": refund["ref"],
                            "out_refund_no": our,
                            "out_trade_no": trade.number,
                            "status": "SUCCESS",
                            "amount": {"refund": refund["amount"], "total": trade.amount_minor},
                        }
                    )
        return self.answer({"code": "RESOURCE_NOT_EXISTS", "message": "x"}, 404)

    def do_refund(self, number: str, amount_minor: int, **more: Any) -> Any:
        """In the merchant platform, with a number of its own."""
        refund = {"ref": self.new_ref("R"), "our": self.new_ref("M"), "amount": amount_minor}
        self.trades[number].refunds.append(refund)
        return refund

    def bill(self) -> bytes:
        """The day's file."""
        lines = [
            "\ufeff交易时间,微信订单号,商户订单号,交易状态,订单金额,微信退款单号,商户退款单号,申请退款金额"
        ]
        for t in self.listed():
            minor = f"{t.amount_minor / 100:.2f}"
            line = f"`x,`{t.ref},`{t.number}"
            if t.state == "paid" and not t.more.get("is_of_earlier_day"):
                lines.append(f"{line},`SUCCESS,`{minor},`0,`0,`0.00")
            for r in t.refunds:
                back = f"`{r['ref']},`{r['our']},`{r['amount'] / 100:.2f}"
                lines.append(f"{line},`REFUND,`{minor},{back}")
        return "\r\n".join([*lines, "总交易单数,x", "`1,`2", ""]).encode()

    def notify_request(self, trade: Trade, options: dict[str, Any]) -> Any:
        """An encrypted event, signed."""
        kind = options.get("type", "TRANSACTION.SUCCESS")
        found: dict[str, Any] = self.facts(trade)
        if kind.startswith("REFUND."):
            last = trade.refunds[-1]
            found = {"out_trade_no": trade.number, "out_refund_no": last["our"]}
            found |= {"refund_id": last["ref"], "refund_status": "SUCCESS"}
        else:
            found["trade_state"] = options.get("trade_state", "SUCCESS")
            found.setdefault("transaction_id", self.new_ref())
        found |= options.get("fields", {})
        key = options.get("apiv3_key", self.settings["apiv3_key"])
        nonce = secrets.token_hex(6)
        sealed = AESGCM(key.encode()).encrypt(
            nonce.encode(), json.dumps(found).encode(), b"transaction"
        )
        event = {
            "id": self.new_ref("EV"),
            "event_type": kind,
            "resource": {
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "nonce": nonce,
                "associated_data": "transaction",
            },
        }
        body = json.dumps(event)
        way = options.get("signs_with", self.settings.get("signs_with", "public_key"))
        headers = self.headers_for(body, way, options.get("age", 0))
        if options.get("probe"):
            forged = base64.b64encode(os.urandom(256)).decode()
            headers["wechatpay-signature"] = f"WECHATPAY/SIGNTEST/{forged}"
        return "POST", options.get("url", trade.notify_url), headers, body.encode()


def make(_: str, settings: dict[str, Any]) -> Wechat:
    """The provider."""
    return Wechat(settings)
