"""Alipay's side: signed requests in, signed members out, form notifies, zipped bills."""

import base64
import io
import json
import zipfile
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.payment_gateways.epay import beijing
from tests.support.payment_gateways.keys import private_key, public_key
from tests.support.payment_gateways.server import Answer, Provider, Request, Trade


def text_of(fields: dict[str, str], *without: str) -> str:
    """What is signed."""
    return "&".join(f"{n}={v}" for n, v in sorted(fields.items()) if v and n not in without)


def money(minor: int) -> str:
    """Two places."""
    return f"{minor // 100}.{minor % 100:02d}"


class Alipay(Provider):
    """A trade exists only once somebody has scanned."""

    def sign(self, raw: bytes) -> str:
        """Alipay's signature."""
        name = "other_key" if self.settings.get("spoil") == "wrong_key" else "alipay_private_key"
        key = private_key(self.settings[name])
        return base64.b64encode(key.sign(raw, PKCS1v15(), SHA256())).decode()

    def handle(self, request: Request) -> Answer:
        """The gateway's one page, and the bill's download."""
        if request.path.startswith("/bill/"):
            return Answer(200, {}, self.bill_zip(request.path.rpartition("/")[2]))
        fields = {**request.query, **request.form}
        key = public_key(self.settings["app_public_key"])
        method = fields["method"]
        try:
            signature = base64.b64decode(fields["sign"])
            key.verify(signature, text_of(fields, "sign").encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            found = {
                "code": "40002",
                "msg": "Invalid Arguments",
                "sub_code": "isv.invalid-signature",
            }
            return self.answer(method, found)
        content = json.loads(fields["biz_content"])
        name = "on_" + method.removeprefix("alipay.").replace(".", "_")
        return self.answer(method, getattr(self, name)(content, fields))

    def answer(self, method: str, found: dict[str, Any]) -> Answer:
        """A signed member, with the white space that Alipay happens to have."""
        space = self.settings.get("space", "")
        raw = json.dumps(found, ensure_ascii=False, separators=("," + space, ":" + space))
        raw = raw.replace("/", "\\/")
        name = method.replace(".", "_") + "_response"
        signed = self.sign(raw.encode())
        if self.settings.get("spoil") == "stale":
            raw = raw.replace("10000", "10001")
        body = f'{{ "{name}" :{space}{raw} ,"sign":"{signed}"}}'
        return Answer(200, {"content-type": "text/html;charset=utf-8"}, body.encode())

    def known(self, content: dict[str, str]) -> Trade | None:
        """The trade, once scanned."""
        trade = self.trades.get(content["out_trade_no"])
        if trade is None or trade.state == "unscanned":
            return None
        return trade

    @property
    def not_there(self) -> dict[str, Any]:
        """No such trade."""
        words = {"sub_code": "ACQ.TRADE_NOT_EXIST", "sub_msg": "交易不存在"}
        return {"code": "40004", "msg": "Business Failed", **words}

    def on_trade_precreate(self, content: dict[str, str], fields: dict[str, str]) -> dict[str, Any]:
        """A code."""
        number = content["out_trade_no"]
        if content["total_amount"] == self.settings.get("refused_money"):
            return {"code": "40004", "msg": "Business Failed", "sub_msg": "金额超限"}
        minor = round(float(content["total_amount"]) * 100)
        trade = Trade(number, minor, "cny", fields["notify_url"], state="unscanned")
        trade.name = content["subject"]
        self.trades.setdefault(number, trade)
        code = f"https://qr.alipay.com/{number}"
        return {"code": "10000", "msg": "Success", "out_trade_no": number, "qr_code": code}

    def on_trade_query(self, content: dict[str, str], _: dict[str, str]) -> dict[str, Any]:
        """What a trade is."""
        trade = self.known(content)
        if trade is None:
            return self.not_there
        states = {"paid": "TRADE_SUCCESS", "waiting": "WAIT_BUYER_PAY", "closed": "TRADE_CLOSED"}
        return {
            "code": "10000",
            "msg": "Success",
            "buyer_logon_id": "a***@example.com",
            "out_trade_no": trade.number,
            "trade_no": trade.ref,
            "trade_status": states[trade.state],
            "total_amount": money(trade.amount_minor),
        }

    def on_trade_close(self, content: dict[str, str], _: dict[str, str]) -> dict[str, Any]:
        """Only what was scanned can be closed."""
        trade = self.known(content)
        if trade is None:
            return self.not_there
        if trade.state == "paid":
            return {"code": "40004", "msg": "x", "sub_code": "ACQ.TRADE_STATUS_ERROR"}
        trade.state = "closed"
        return {"code": "10000", "msg": "Success", "out_trade_no": trade.number}

    def on_trade_refund(self, content: dict[str, str], _: dict[str, str]) -> dict[str, Any]:
        """Idempotent by out_request_no."""
        trade = self.trades[content["out_trade_no"]]
        our, minor = content["out_request_no"], round(float(content["refund_amount"]) * 100)
        if self.settings.get("refuse_refunds"):
            return {"code": "40004", "msg": "x", "sub_msg": "余额不足", "sub_code": "ACQ.SELLER"}
        is_new = all(r["our"] != our for r in trade.refunds)
        if is_new:
            trade.refunds.append({"ref": our, "our": our, "amount": minor})
        change = "Y" if is_new else "N"
        total = money(trade.refunded_minor)
        return {"code": "10000", "msg": "Success", "fund_change": change, "refund_fee": total}

    def on_trade_fastpay_refund_query(
        self, content: dict[str, str], _: dict[str, str]
    ) -> dict[str, Any]:
        """What became of a refund."""
        trade = self.trades[content["out_trade_no"]]
        for refund in trade.refunds:
            if refund["our"] == content["out_request_no"]:
                return {
                    "code": "10000",
                    "msg": "Success",
                    "out_request_no": refund["our"],
                    "refund_amount": money(refund["amount"]),
                    "refund_status": "REFUND_SUCCESS",
                }
        return {"code": "10000", "msg": "Success"}

    def on_data_dataservice_bill_downloadurl_query(
        self, content: dict[str, str], _: dict[str, str]
    ) -> dict[str, Any]:
        """The link."""
        url = f"{self.origin}/bill/{content['bill_date']}"
        return {"code": "10000", "msg": "Success", "bill_download_url": url}

    def bill_zip(self, _: str) -> bytes:
        """Details in GBK, as Alipay writes them."""
        lines = [
            "#支付宝业务明细查询",
            "支付宝交易号,商户订单号,业务类型,订单金额（元）,退款批次号/请求号,备注",
        ]
        for t in self.listed():
            line = f"{t.ref}\t,{t.number}\t"
            if t.state == "paid" and not t.more.get("is_of_earlier_day"):
                lines.append(f"{line},交易,{money(t.amount_minor)},,")
            lines += [f"{line},退款,-{money(r['amount'])},{r['our']}\t," for r in t.refunds]
        lines.append("#-----业务明细列表结束-----")
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("2088_业务明细.csv", "\r\n".join(lines).encode("gb18030"))
            archive.writestr("2088_业务明细(汇总).csv", "#汇总\r\n".encode("gb18030"))
        return file.getvalue()

    def do_refund(self, number: str, amount_minor: int, **more: Any) -> Any:
        """In Alipay's console the refund's number is the trade's own."""
        trade = self.trades[number]
        refund = {"ref": trade.ref, "our": more.get("our", trade.ref), "amount": amount_minor}
        trade.refunds.append(refund)
        return refund

    def notify_request(self, trade: Trade, options: dict[str, Any]) -> Any:
        """A form, signed without sign and sign_type."""
        fields = {
            "notify_id": self.new_ref("n"),
            "notify_time": beijing(),
            "notify_type": "trade_status_sync",
            "charset": "utf-8",
            "version": "1.0",
            "sign_type": "RSA2",
            "app_id": self.settings["app_id"],
            "seller_id": self.settings["seller_id"],
            "out_trade_no": trade.number,
            "trade_no": trade.ref or self.new_ref(),
            "trade_status": "TRADE_SUCCESS",
            "total_amount": money(trade.amount_minor),
            "subject": trade.name,
            "buyer_logon_id": "a***@example.com",
        }
        if trade.refunds:
            last = trade.refunds[-1]
            fields |= {"refund_fee": money(trade.refunded_minor), "gmt_refund": beijing()}
            fields |= {"out_biz_no": last["our"]}
        fields |= options.get("fields", {})
        before = self.settings.get("spoil")
        self.settings["spoil"] = options.get("spoil")
        fields["sign"] = self.sign(text_of(fields, "sign", "sign_type").encode())
        self.settings["spoil"] = before
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        return "POST", options.get("url", trade.notify_url), headers, urlencode(fields).encode()


def make(_: str, settings: dict[str, Any]) -> Alipay:
    """The provider."""
    return Alipay(settings)
