"""What an operator of WeChat Pay fills in."""

from yiyuan.integrations.payments.checks import own_address
from yiyuan.integrations.payments.values import Field, Words
from yiyuan.integrations.payments.wechat_pay.wire import ADDRESS

FIELDS = (
    own_address(ADDRESS),
    Field(
        "mchid",
        Words("Merchant number", "商户号"),
        Words(
            "pay.weixin.qq.com → account → merchant information.",
            "商户平台 → 账户中心 → 商户信息。",
        ),
    ),
    Field(
        "appid",
        Words("App id", "AppID"),
        Words(
            "An official account or app bound to the merchant.",
            "已与商户号绑定的公众号、小程序或应用。",
        ),
    ),
    Field(
        "types",
        Words("Ways to pay", "支付方式"),
        Words(
            "native (QR code), h5 (phones), by comma.",
            "native（扫码）、h5（手机浏览器），用逗号分开。",
        ),
        is_required=False,
        default="native",
    ),
    Field(
        "serial_no",
        Words("Serial of the merchant's certificate", "商户证书序列号"),
        Words("API security → merchant certificate.", "账户中心 → API 安全 → 商户 API 证书。"),
    ),
    Field(
        "public_key_id",
        Words("Id of WeChat Pay's public key", "微信支付公钥 ID"),
        Words(
            "PUB_KEY_ID_…; empty where only platform certificates are used.",
            "PUB_KEY_ID_ 开头；只用平台证书时留空。",
        ),
        is_required=False,
    ),
    Field(
        "public_key",
        Words("WeChat Pay's public key", "微信支付公钥"),
        Words("The file that belongs to the id above.", "与上面的 ID 对应的公钥文件内容。"),
        is_required=False,
        is_long=True,
    ),
    Field(
        "private_key",
        Words("Merchant's private key", "商户私钥"),
        Words("apiclient_key.pem.", "apiclient_key.pem 的内容。"),
        is_secret=True,
        is_long=True,
    ),
    Field(
        "apiv3_key",
        Words("APIv3 key", "APIv3 密钥"),
        Words("32 characters that you set on the same page.", "在“API 安全”里设置的 32 位字符。"),
        is_secret=True,
    ),
)
