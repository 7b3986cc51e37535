"""Alipay's bill of a day: a link that lives for moments, and behind it a zip of CSV in GBK."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Final

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import values
from yiyuan.integrations.payments.alipay.gateway import answered, post
from yiyuan.integrations.payments.json_answer import reason_of, text_of
from yiyuan.integrations.payments.minor_units import to_minor

_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
UNZIPPED_BYTES_MAX: Final = 64 * 1024 * 1024
_NUMBER, _REF, _KIND, _AMOUNT = "商户订单号", "支付宝交易号", "业务类型", "订单金额"
_REQUEST = "退款批次号/请求号"


def bill(config: values.Config, day: str, moment: values.Moment) -> Call:
    """Ask for the link."""
    return post(config, _METHOD, {"bill_type": "trade", "bill_date": day}, moment)


def read_bill(
    config: values.Config, _: str, previous: Call, answer: Answer, __: values.Moment
) -> values.BillPart:
    """The link, then the file. Raises BillError."""
    if previous.method == "GET":
        return _read(answer.body)
    found = answered(config, _METHOD, answer)
    if found is None:
        message = "the answer has no good signature"
        raise values.BillError(message)
    if "bill_not_exist" in text_of(found.get("sub_code")).lower():
        return values.BillPart()  # nothing happened on that day
    url = text_of(found.get("bill_download_url"))
    if not url:
        raise values.BillError(reason_of(found.get("sub_msg")) or "Alipay gives no bill")
    return values.BillPart(next=Call("GET", url))


def _read(body: bytes) -> values.BillPart:
    """Payments and refunds of the detail file; a refund may be of a payment of an earlier day."""
    paid: dict[str, values.Trade] = {}
    refunds: list[values.GivenBack] = []
    for line in _detail_lines(body):
        number, amount_minor = line[_NUMBER], abs(_minor(line[_AMOUNT]))
        if line[_KIND] == "交易":
            paid[number] = values.Trade(number, line[_REF], amount_minor, "cny")
        elif line[_KIND] == "退款":
            ref = line.get(_REQUEST) or line[_REF]
            refunds.append(values.GivenBack(number, ref, ref, amount_minor))
    return values.BillPart(tuple(paid.values()), tuple(refunds))


def _detail_lines(body: bytes) -> Iterator[dict[str, str]]:
    for text in _files(body):
        rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
        names: list[str] = []
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not names and _NUMBER in cells and _REF in cells:
                names = [cell.partition("（")[0].partition("(")[0] for cell in cells]
            elif names and len(cells) >= len(names):
                yield dict(zip(names, cells, strict=False))


def _files(body: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = [e for e in archive.infolist() if e.filename.lower().endswith(".csv")]
            if sum(entry.file_size for entry in entries) > UNZIPPED_BYTES_MAX:
                message = "the bill is larger than 64 MiB"
                raise values.BillError(message)
            for entry in entries:
                yield archive.read(entry).decode("gb18030", "replace")
    except zipfile.BadZipFile:
        message = "the bill is no zip file"
        raise values.BillError(message) from None


def _minor(text: str) -> int:
    try:
        return to_minor(text.lstrip("-"), "cny")
    except ValueError:
        message = "an amount in the bill is not one"
        raise values.BillError(message) from None
