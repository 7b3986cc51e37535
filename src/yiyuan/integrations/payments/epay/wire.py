"""What both versions of EPay share: the text that is signed, addresses, the notify.

Source: the pages and the PHP of the open 彩虹易支付 server. The canonical text drops
`sign`, `sign_type` and whatever is blank once trimmed, sorts by name, joins `k=v` with
`&`; the values stand as they were received, decoded once, unknown fields included.
"""

from collections.abc import Mapping
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlencode, urlsplit

from yiyuan.integrations.call import Call
from yiyuan.integrations.payments.checks import check_address
from yiyuan.integrations.payments.contract import Method
from yiyuan.integrations.payments.json_answer import text_of
from yiyuan.integrations.payments.minor_units import read_minor, to_text
from yiyuan.integrations.payments.values import (
    FORM,
    Config,
    Fact,
    Field,
    MethodError,
    Notify,
    NotifyError,
    Order,
    Words,
)

CURRENCIES = frozenset({"cny"})
_PAGES = ("/submit.php", "/mapi.php", "/api.php", "/api/pay/submit", "/api/pay/create")

BASE_URL = Field(
    "base_url",
    Words("Gateway address", "网关地址"),
    Words(
        "What your EPay provider calls the API address, such as https://pay.example.com/.",
        "易支付商户后台的“接口地址”，例如 https://pay.example.com/。",
    ),
)
PID = Field(
    "pid",
    Words("Merchant id (pid)", "商户 ID（pid）"),
    Words("A number, on the API page of the merchant's console.", "商户后台“API 信息”里的数字。"),
)
TYPES = Field(
    "types",
    Words("Ways to pay", "支付方式"),
    Words(
        "What customers may pick, by comma: alipay, wxpay, qqpay, bank, usdt.trc20 … "
        "Empty is the gateway's own page.",
        "客户可选的方式，用逗号分开：alipay、wxpay、qqpay、bank、usdt.trc20……留空则打开网关的收银台。",
    ),
    is_required=False,
)
MODE = Field(
    "mode",
    Words("How an order is made", "下单方式"),
    Words(
        "api asks the gateway for a QR code; where it has no such API, and with form, the "
        "customer's browser goes to the gateway's page.",
        "api 向网关取二维码；网关没有这个接口或选 form 时，客户的浏览器打开网关的页面。",
    ),
    is_required=False,
    choices=("api", "form"),
    default="api",
)
QUERY = Field(
    "query",
    Words("Can orders be asked", "能否查单"),
    Words(
        "no only where the gateway has no query: then a signed notify alone credits, up to "
        "the limits below, and more goes to review.",
        "只有网关不支持查单时才选 no：此时仅凭签名正确的通知入账，超过下面的限额转人工审核。",
    ),
    is_required=False,
    choices=("yes", "no"),
    default="yes",
)
UNPROVEN_MAX = Field(
    "unproven_max",
    Words("Most 元 an order without query", "不查单时单笔上限（元）"),
    Words("Whole 元; more goes to review.", "整数元；超过的订单转人工审核。"),
    is_required=False,
    default="200",
)
NETWORKS = Field(
    "notify_networks",
    Words("Addresses that may notify", "通知来源地址"),
    Words(
        "Networks such as 203.0.113.0/24, by comma; empty is any.",
        "网段，例如 203.0.113.0/24，用逗号分开；留空不限。",
    ),
    is_required=False,
)
SHARED_FIELDS = (BASE_URL, PID, TYPES, MODE, QUERY, UNPROVEN_MAX, NETWORKS)


def canonical(fields: Mapping[str, str]) -> str:
    """The text that is signed."""
    kept = {
        name: value
        for name, value in fields.items()
        if name not in ("sign", "sign_type") and value.strip()
    }
    return "&".join(f"{name}={kept[name]}" for name in sorted(kept))


def address(config: Config, page: str) -> str:
    """The address of one of the gateway's pages, however the operator wrote the base."""
    base = config["base_url"].rstrip("/")
    for known in _PAGES:
        base = base.removesuffix(known)
    return f"{base}/{page}"


def post(url: str, fields: Mapping[str, str]) -> Call:
    """A form to the gateway."""
    return Call("POST", url, (("content-type", FORM),), urlencode(fields).encode())


def check_shared(config: Config) -> None:
    """What both versions need. Raises MethodError."""
    check_address(config["base_url"])
    if not config["pid"].isalnum():
        raise MethodError("pid", "must be the merchant's number")
    if not (config["unproven_max"] or "0").isdecimal():
        raise MethodError("unproven_max", "must be a whole number of 元")
    try:
        networks(config)
    except ValueError:
        message = "must be networks such as 203.0.113.0/24, by comma"
        raise MethodError("notify_networks", message) from None


def is_plain(base_url: str) -> bool:
    """Whether calls go over http:// and further than this machine and its own networks."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme != "http" or ("." not in host.strip("[]") and ":" not in host):
        return False
    try:
        return not ip_address(host).is_private
    except ValueError:
        return not host.endswith((".local", ".internal", ".lan", ".localhost"))


def networks(config: Config) -> list[IPv4Network | IPv6Network]:
    """From where notifies may come; none is from anywhere. Raises ValueError."""
    found = (part.strip() for part in config["notify_networks"].split(","))
    return [ip_network(part, strict=False) for part in found if part]


def types(config: Config) -> tuple[str, ...]:
    """What the customer may pick."""
    return tuple(kind.strip() for kind in config["types"].split(",") if kind.strip())


def can_query(config: Config) -> bool:
    """Whether the gateway can be asked."""
    return config["query"] != "no"


def merchant(config: Config) -> str:
    """Who gets the money."""
    return config["pid"]


def order_fields(config: Config, order: Order) -> dict[str, str]:
    """What every way of making an order says."""
    kinds = types(config)
    fields = {
        "pid": config["pid"],
        "type": order.type or (kinds[0] if kinds else ""),
        "out_trade_no": order.number,
        "notify_url": order.notify_url,
        "return_url": order.return_url,
        "name": order.title,
        "money": to_text(order.amount_minor, order.currency),
    }
    return {name: value for name, value in fields.items() if value}


def notify(fields: Mapping[str, str]) -> Notify:
    """A notify whose signature is good. Raises NotifyError."""
    number = fields.get("out_trade_no", "")
    if not number:
        message = "no out_trade_no"
        raise NotifyError(message)
    status = fields.get("trade_status", "")
    amount_minor = read_minor(fields.get("money"), "cny")
    claim = Fact(
        state="paid" if status == "TRADE_SUCCESS" else "unknown",
        number=number,
        merchant=fields.get("pid", ""),
        currency="cny",
        amount_minor=-1 if amount_minor is None else amount_minor,  # -1 equals no order's
        payment_ref=fields.get("trade_no") or None,
        other_refs=other_refs(fields),
    )
    return Notify(
        about="payment",
        number=number,
        event_ref=fields.get("trade_no", ""),
        claim=claim,
        facts={
            name: fields[name][:100]
            for name in ("pid", "trade_no", "out_trade_no", "type", "money", "trade_status")
            if name in fields
        },
    )


def other_refs(values: Mapping[str, object]) -> tuple[str, ...]:
    """The wallet's own number of a payment, where the gateway tells it."""
    ref = text_of(values.get("api_trade_no"))
    return (ref,) if ref else ()


method = partial(Method, currencies=CURRENCIES, merchant=merchant, types=types, can_query=can_query)
"""A version of EPay, but for what it does in its own way."""
