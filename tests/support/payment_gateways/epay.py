"""An EPay gateway in both versions, written from its own documentation, not from our code."""

import base64
import hashlib
import hmac
import time
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.payment_gateways.keys import private_key, public_key
from tests.support.payment_gateways.server import Answer, Provider, Request, Trade, json_answer


def sign_text(fields: dict[str, Any]) -> str:
    """The text that is signed."""
    return "&".join(
        f"{name}={value}"
        for name, value in sorted(fields.items())
        if name not in ("sign", "sign_type") and str(value).strip()
    )


def php_money(minor: int) -> str:
    """As PHP prints a float: `1`, `0.1`, `12.34`."""
    return f"{minor / 100:.14g}"


class Epay(Provider):
    """Both versions: `epay_md5` and `epay_rsa`."""

    def __init__(self, kind: str, settings: dict[str, Any]) -> None:
        """Keys are PEM texts."""
        super().__init__(settings)
        self.is_rsa = kind == "epay_rsa"

    # --- signatures ---

    def sign(self, fields: dict[str, Any]) -> str:
        """The gateway's signature."""
        text = sign_text(fields)
        if not self.is_rsa:
            tail = "&key=" if self.settings.get("md5_tail") == "key" else ""
            key = self.settings["key"]
            if self.settings.get("spoil") == "wrong_key":
                key = "other"
            return hashlib.md5((text + tail + key).encode()).hexdigest()
        name = "other_key" if self.settings.get("spoil") == "wrong_key" else "platform_private_key"
        key = private_key(self.settings[name])
        return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()

    def is_merchant(self, fields: dict[str, str]) -> bool:
        """Whether the merchant has signed this."""
        if not self.is_rsa:
            return hmac.compare_digest(self.sign(fields), fields.get("sign", ""))
        if abs(time.time() - int(fields.get("timestamp", "0"))) > 300:
            return False
        key = public_key(self.settings["merchant_public_key"])
        try:
            signature = base64.b64decode(fields.get("sign", ""))
            key.verify(signature, sign_text(fields).encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    def signed(self, fields: dict[str, Any]) -> dict[str, Any]:
        """An answer of version 2."""
        age = 301 if self.settings.get("spoil") == "stale" else 0
        fields = {**fields, "timestamp": str(int(time.time()) - age), "sign_type": "RSA"}
        flat = {n: v for n, v in fields.items() if not isinstance(v, (list, dict))}
        return {**fields, "sign": self.sign(flat)}

    # --- calls ---

    def handle(self, request: Request) -> Answer:
        """One page."""
        page = request.path.strip("/")
        if page == "api.php":
            return self.api(request)
        form = {**request.query, **request.form}
        if not self.is_merchant(form):
            return json_answer({"code": -1, "msg": "签名校验失败"})
        if page in ("submit.php", "api/pay/submit"):
            self.make_trade(form)
            return Answer(200, {"content-type": "text/html"}, b"<html>cashier</html>")
        if self.settings.get("no_api") and page in ("mapi.php", "api/pay/create"):
            return Answer(404, {"content-type": "text/html"}, b"<html>404</html>")
        if page == "mapi.php":
            if form["money"] == self.settings.get("refused_money"):
                return json_answer({"code": -1, "msg": "金额 <b>=cmd|' /C calc'!A0</b> 不支持"})
            trade = self.make_trade(form)
            return json_answer(
                {"code": 1, "trade_no": trade.ref, "qrcode": f"{self.origin}/qr/{trade.ref}"}
            )
        names = {"api/pay/create": self.create, "api/pay/query": self.query}
        names |= {"api/pay/refund": self.refund, "api/pay/refundquery": self.refund_query}
        names |= {"api/merchant/orders": self.orders}
        return json_answer(self.signed(names[page](form)))

    def make_trade(self, form: dict[str, str]) -> Trade:
        """Keep an order; the same number again is the same trade."""
        number = form["out_trade_no"]
        if number not in self.trades:
            whole, _, part = form["money"].partition(".")
            minor = int(whole) * 100 + int((part + "00")[:2])
            self.trades[number] = Trade(
                number,
                minor,
                "cny",
                form["notify_url"],
                form.get("return_url", ""),
                form["name"],
                form.get("type", "alipay"),
                self.new_ref(),
            )
            self.trades[number].more["addtime"] = beijing()
        return self.trades[number]

    def create(self, form: dict[str, str]) -> dict[str, Any]:
        """Version 2's order."""
        trade = self.make_trade(form)
        qr = f"{self.origin}/qr/{trade.ref}"
        return {"code": 0, "trade_no": trade.ref, "pay_type": "qrcode", "pay_info": qr}

    def facts(self, trade: Trade) -> dict[str, Any]:
        """What a query tells."""
        facts = {
            "trade_no": trade.more.get("ref_told", trade.ref),
            "out_trade_no": trade.number,
            "pid": trade.more.get("pid", self.settings["pid"]),
            "type": trade.type,
            "name": trade.name,
            "money": trade.more.get("money", php_money(trade.amount_minor)),
            "status": int(trade.state in ("paid", "lying")),
            "addtime": trade.more.get("addtime"),
            "endtime": trade.more.get("endtime") or beijing(),
        }
        if "api_trade_no" in trade.more:
            facts["api_trade_no"] = trade.more["api_trade_no"]
        if trade.state == "frozen":
            facts["status"] = 3
        if trade.state == "lying":
            facts["trade_status"] = "WAIT_BUYER_PAY"
        if trade.state == "refunded":  # forks that do not say how much
            return facts | {"status": 2}
        if self.is_rsa:
            facts["refundmoney"] = php_money(trade.refunded_minor)
        return facts

    def query(self, form: dict[str, str]) -> dict[str, Any]:
        """Version 2's query."""
        trade = self.trades.get(form["out_trade_no"])
        if trade is None:
            return {"code": -1, "msg": "订单不存在"}
        return {"code": 0, **self.facts(trade)}

    def refund(self, form: dict[str, str]) -> dict[str, Any]:
        """Version 2's refund; a number is used once."""
        trade = self.trades[form["out_trade_no"]]
        if any(r["our"] == form["out_refund_no"] for r in trade.refunds):
            return {"code": -1, "msg": "已存在相同退款单号"}
        if self.settings.get("refuse_refunds"):
            return {"code": -1, "msg": "商户余额不足"}
        amount = round(float(form["money"]) * 100)
        ref = self.new_ref("R")
        trade.refunds.append({"ref": ref, "our": form["out_refund_no"], "amount": amount})
        return {"code": 0, "refund_no": ref}

    def refund_query(self, form: dict[str, str]) -> dict[str, Any]:
        """What became of a refund."""
        for trade in self.trades.values():
            for refund in trade.refunds:
                if refund["our"] == form["out_refund_no"]:
                    money = php_money(refund["amount"])
                    return {"code": 0, "refund_no": refund["ref"], "money": money, "status": 1}
        return {"code": -1, "msg": "退款单不存在"}

    def orders(self, form: dict[str, str]) -> dict[str, Any]:
        """Version 2's list."""
        start, limit = int(form["offset"]), int(form["limit"])
        paid = [self.facts(t) for t in self.listed() if t.state == "paid"]
        return {"code": 0, "data": paid[start : start + limit]}

    def api(self, request: Request) -> Answer:
        """Version 1's api.php."""
        fields = {**request.query, **request.form}
        if fields.get("key") != self.settings["key"]:
            return json_answer({"code": -3, "msg": "商户密钥错误"})
        if fields["act"] == "orders":
            page, limit = int(fields["page"]), int(fields["limit"])
            paid = [self.facts(t) for t in self.listed()]
            part = paid[(page - 1) * limit : page * limit]
            return json_answer({"code": 1, "data": part})
        trade = self.trades.get(fields["out_trade_no"])
        if trade is None:
            return json_answer({"code": -1, "msg": "订单号不存在"})
        if fields["act"] == "refund":
            if self.settings.get("refuse_refunds"):
                return json_answer({"code": -1, "msg": "商户余额不足"})
            amount = round(float(fields["money"]) * 100)
            trade.refunds.append({"ref": self.new_ref("R"), "our": "", "amount": amount})
            return json_answer({"code": 1, "msg": "退款成功"})
        facts = self.facts(trade)
        if self.settings.get("nested"):
            # The outer status is that of the call, as some forks have it.
            return json_answer({"code": 1, "msg": "ok", "status": 1, "data": facts})
        return json_answer({"code": 1, "msg": "ok", **facts})

    # --- notifies ---

    def notify_request(self, trade: Trade, options: dict[str, Any]) -> Any:
        """As the gateway sends it: GET with everything appended, or otherwise on demand."""
        way = options.pop("way", "get")
        fields = {
            "pid": self.settings["pid"],
            "trade_no": trade.ref or self.new_ref(),
            "out_trade_no": trade.number,
            "type": trade.type,
            "name": trade.name,
            "money": php_money(trade.amount_minor),
            "trade_status": "TRADE_SUCCESS",
        }
        if self.is_rsa:
            age = options.pop("age", 0)
            fields |= {"timestamp": str(int(time.time()) - age), "api_trade_no": "", "buyer": ""}
        key = options.pop("key", None)
        url = options.pop("url", trade.notify_url)
        fields |= options.pop("fields", {})
        before = dict(self.settings)
        if key is not None:
            self.settings["key"] = key
        fields["sign"] = options.pop("sign", None) or self.sign(fields)
        self.settings = before
        fields["sign_type"] = "RSA" if self.is_rsa else "MD5"
        encoded = urlencode(fields)
        form = {"content-type": "application/x-www-form-urlencoded"}
        if way == "get":
            return "GET", f"{url}?{encoded}", {}, None
        if way == "post_query":
            return "POST", f"{url}?{encoded}", {}, b""
        if way == "repeated":
            return "GET", f"{url}?{encoded}&money=1", {}, None
        if way == "mixture":
            return "POST", f"{url}?pid=1", form, encoded.encode()
        return "POST", url, form, encoded.encode()


def beijing() -> str:
    """Now in UTC+8."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600))


def make(kind: str, settings: dict[str, Any]) -> Epay:
    """The provider."""
    return Epay(kind, settings)
