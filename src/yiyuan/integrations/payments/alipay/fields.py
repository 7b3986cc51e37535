"""What an operator of Alipay fills in."""

from yiyuan.integrations.payments.alipay.gateway import ADDRESS
from yiyuan.integrations.payments.values import Field, Words

FIELDS = (
    Field(
        "base_url",
        Words("Gateway address", "网关地址"),
        Words("Leave as it is, or take the sandbox's.", "一般不用改；沙箱填沙箱网关。"),
        is_required=False,
        default=ADDRESS,
    ),
    Field(
        "app_id",
        Words("App id", "应用 APPID"),
        Words("On open.alipay.com, your application's page.", "开放平台控制台里应用的 APPID。"),
    ),
    Field(
        "seller_id",
        Words("Seller id (PID)", "收款方 PID（seller_id）"),
        Words(
            "16 digits from 2088; empty is not compared.",
            "以 2088 开头的 16 位数字；留空则不比对。",
        ),
        is_required=False,
    ),
    Field(
        "types",
        Words("Ways to pay", "支付方式"),
        Words(
            "qr (we show a code), page (desktops), wap (phones), by comma.",
            "qr（当面付扫码）、page（电脑网站）、wap（手机网站），用逗号分开。",
        ),
        is_required=False,
        default="qr",
    ),
    Field(
        "alipay_public_key",
        Words("Alipay's public key", "支付宝公钥"),
        Words(
            "Not your application's own; in certificate mode alipayCertPublicKey_RSA2.crt.",
            "“接口加签方式”里的支付宝公钥，不是应用公钥；证书模式填 alipayCertPublicKey_RSA2.crt。",
        ),
        is_long=True,
    ),
    Field(
        "app_certificate",
        Words("Application's certificate", "应用公钥证书"),
        Words(
            "Certificate mode only: appCertPublicKey_….crt.",
            "仅证书模式需要：appCertPublicKey_….crt 的内容。",
        ),
        is_required=False,
        is_long=True,
    ),
    Field(
        "alipay_root_certificate",
        Words("Alipay's root certificates", "支付宝根证书"),
        Words(
            "Certificate mode only: alipayRootCert.crt.",
            "仅证书模式需要：alipayRootCert.crt 的内容。",
        ),
        is_required=False,
        is_long=True,
    ),
    Field(
        "private_key",
        Words("Application's private key", "应用私钥"),
        Words(
            "What the key tool made, PKCS#8 or PKCS#1.",
            "密钥工具生成的应用私钥，PKCS#8 或 PKCS#1。",
        ),
        is_secret=True,
        is_long=True,
    ),
)
