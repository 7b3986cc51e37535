"""Our signatures against those that other programs make: openssl, md5sum, vendors' SDKs."""

import base64
import datetime as dt
import json
import shutil
import subprocess
import time
from urllib.parse import parse_qsl, urlsplit

import alipay as alipay_sdk
import pytest
import stripe
from alipay.utils import AliPayConfig

from tests.support.payment_gateways.partner import APIV3_KEY, bare, certificate, key_pair
from yiyuan.integrations.payments import rsa
from yiyuan.integrations.payments.alipay.gateway import signed_fields
from yiyuan.integrations.payments.alipay.trade import METHOD as ALIPAY
from yiyuan.integrations.payments.epay.md5 import signature
from yiyuan.integrations.payments.epay.wire import canonical
from yiyuan.integrations.payments.stripe_checkout.session import METHOD as STRIPE
from yiyuan.integrations.payments.values import Config, Moment, NotifyError, Received
from yiyuan.integrations.payments.wechat_pay.wire import call, is_genuine, opened

OURS, OURS_PUBLIC = key_pair("merchant")
THEIRS, THEIRS_PUBLIC = key_pair("platform")
VECTORS = [
    # (fields, the text that is signed, written by hand)
    ({"b": "2", "a": "1", "sign": "x", "sign_type": "MD5"}, "a=1&b=2"),
    ({"money": "1.00", "name": "充值 100%", "pid": "7"}, "money=1.00&name=充值 100%&pid=7"),
    ({"a": "", "b": "  ", "c": "0", "d": " x "}, "c=0&d= x "),
    ({"param": "a&b=c+d%2B", "A": "1", "a_b": "2"}, "A=1&a_b=2&param=a&b=c+d%2B"),
    ({"z": "1", "buyer": "u@example.com", "api_trade_no": "9"}, None),
]


def _md5sum(text: str) -> str:
    found = subprocess.run(["md5sum"], input=text.encode(), capture_output=True, check=True)
    return found.stdout.split()[0].decode()


@pytest.mark.parametrize(("fields", "text"), VECTORS)
@pytest.mark.parametrize(("tail", "joint"), [("plain", ""), ("key", "&key=")])
def test_epay_md5_as_md5sum_counts_it(fields, text, tail, joint):
    text = text or "api_trade_no=9&buyer=u@example.com&z=1"
    assert canonical(fields) == text
    assert signature(fields, "Kk9", tail) == _md5sum(f"{text}{joint}Kk9")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
@pytest.mark.parametrize(("fields", "text"), VECTORS[:4])
def test_rsa_as_openssl_signs_it(fields, text, tmp_path):
    key = tmp_path / "key.pem"
    key.write_text(OURS)
    command = ["openssl", "dgst", "-sha256", "-sign", str(key)]
    made = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    wanted = base64.b64encode(made.stdout).decode()
    assert rsa.sign(OURS, canonical(fields).encode()) == wanted
    assert rsa.is_signed(OURS_PUBLIC, text.encode(), wanted)
    assert not rsa.is_signed(THEIRS_PUBLIC, text.encode(), wanted)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_keys_are_read_in_every_form_that_providers_give(tmp_path):
    key = tmp_path / "key.pem"
    key.write_text(OURS)

    def converted(*arguments: str) -> str:
        command = ["openssl", *arguments]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    pkcs1 = converted("rsa", "-in", str(key), "-traditional")
    pkcs1_public = converted("rsa", "-in", str(key), "-RSAPublicKey_out")
    signed = rsa.sign(OURS, b"x")
    assert "BEGIN RSA PRIVATE KEY" in pkcs1
    for form in (OURS, pkcs1, bare(OURS), bare(pkcs1), f"  {bare(OURS)}\n"):
        assert rsa.sign(form, b"x") == signed
    for form in (OURS_PUBLIC, pkcs1_public, bare(OURS_PUBLIC), bare(pkcs1_public)):
        assert rsa.is_signed(form, b"x", signed)
    private, pem, _ = certificate()
    assert rsa.is_signed(pem, b"x", rsa.sign(private, b"x"))


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n", "密钥"])
def test_what_is_no_key_is_named_without_quoting_it(text):
    with pytest.raises(ValueError, match="is no RSA") as caught:
        rsa.private_key(text)
    assert not text.strip() or text not in str(caught.value)
    with pytest.raises(ValueError, match="is no RSA"):
        rsa.public_key(text)


def test_stripes_own_library_and_ours_agree_on_events():
    body, secret, now = (
        b'{"id":"evt_1","type":"x","data":{"object":{}}}',
        "whsec_abc",
        1_790_000_000,
    )
    mac = stripe.WebhookSignature._compute_signature(f"{now}.{body.decode()}", secret)
    config = Config({}, {"webhook_secret": secret, "secret_key": "sk_x"})

    def read(header: str, moment: int = now, content: bytes = body):
        received = Received("POST", "", {"stripe-signature": header}, content)
        return STRIPE.notify.read(config, received, Moment(moment, ""))

    assert read(f"t={now},v1={mac}").event_ref == "evt_1"
    assert read(f"t={now},v1={'0' * 64},v1={mac}").event_ref == "evt_1"
    assert read(f"t={now},v1={mac}", now + 300).event_ref == "evt_1"
    refused = [
        (f"t={now},v0={mac}", now, body),
        (f"t={now},v1={mac}", now + 301, body),
        (f"t={now},v1={mac}", now - 301, body),
        (f"t={now},v1={mac}", now, body + b" "),
        (f"v1={mac}", now, body),
        (f"t={now},t={now},v1={mac}", now, body),
        ("", now, body),
        ("t=9e9,v1=é", now, body),
    ]
    for header, moment, content in refused:
        with pytest.raises(NotifyError):
            read(header, moment, content)


def test_stripes_rolled_secret_still_verifies():
    body, now = b'{"id":"evt_1","type":"x","data":{"object":{}}}', 1_790_000_000
    mac = stripe.WebhookSignature._compute_signature(f"{now}.{body.decode()}", "whsec_old")
    received = Received("POST", "", {"stripe-signature": f"t={now},v1={mac}"}, body)
    config = Config({}, {"webhook_secret": "whsec_new"}, {"webhook_secret": "whsec_old"})
    assert STRIPE.notify.read(config, received, Moment(now, "")).event_ref == "evt_1"
    with pytest.raises(NotifyError):
        STRIPE.notify.read(Config({}, config.secrets), received, Moment(now, ""))


ALIPAY_CONFIG = Config(
    {"app_id": "2021", "alipay_public_key": bare(THEIRS_PUBLIC), "seller_id": ""},
    {"private_key": bare(OURS)},
)


def _alipay_of(private: str, public: str) -> alipay_sdk.AliPay:
    return alipay_sdk.AliPay(
        appid="2021",
        app_notify_url=None,
        app_private_key_string=private,
        alipay_public_key_string=public,
        config=AliPayConfig(timeout=1),
    )


def test_alipays_library_verifies_what_we_sign():
    there = _alipay_of(THEIRS, OURS_PUBLIC)
    content = {"out_trade_no": "a1", "subject": "充值 & +%", "total_amount": "1.00"}
    fields = signed_fields(
        ALIPAY_CONFIG, "alipay.trade.precreate", content, Moment(1_790_000_000, "")
    )
    sign = fields.pop("sign")
    text = "&".join(f"{n}={fields[n]}" for n in sorted(fields))
    assert there._verify(text, sign)
    assert not there._verify(text + " ", sign)


def test_alipays_library_signs_what_we_verify():
    there = _alipay_of(THEIRS, OURS_PUBLIC)
    fields = {"app_id": "2021", "out_trade_no": "a1", "total_amount": "1.00", "subject": "充值+&"}
    fields |= {"trade_status": "TRADE_SUCCESS", "trade_no": "9"}
    text = "&".join(f"{n}={fields[n]}" for n in sorted(fields))
    from urllib.parse import urlencode  # noqa: PLC0415 - beside its only use

    body = urlencode({**fields, "sign": there._sign(text), "sign_type": "RSA2"}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    found = ALIPAY.notify.read(ALIPAY_CONFIG, Received("POST", "", headers, body), Moment(0, ""))
    assert found.claim is not None
    assert found.claim.amount_minor == 100


WECHAT_CONFIG = Config(
    {
        "mchid": "1900",
        "serial_no": "5157",
        "public_key_id": "PUB_KEY_ID_1",
        "public_key": THEIRS_PUBLIC,
    },
    {"private_key": OURS, "apiv3_key": APIV3_KEY},
)


def test_wechats_library_makes_the_authorization_that_we_make():
    utils = pytest.importorskip("wechatpayv3.utils")
    moment = Moment(1_790_000_000, "593BEC0C930BF1AFEB40B4A08C8FB242")
    made = call(WECHAT_CONFIG, "POST", "/v3/pay/transactions/native?a=1", moment, {"x": "充值"})
    text = [
        "POST",
        f"{urlsplit(made.url).path}?a=1",
        str(moment.now),
        moment.nonce,
        made.body.decode(),
    ]
    wanted = utils.rsa_sign(
        private_key=utils.load_private_key(OURS), sign_str="\n".join(text) + "\n"
    )
    header = dict(made.headers)["authorization"]
    assert f'signature="{wanted}"' in header
    assert header.startswith('WECHATPAY2-SHA256-RSA2048 mchid="1900",nonce_str="593BEC')
    assert json.loads(made.body) == {"x": "充值"}


def test_wechats_library_opens_what_we_open():
    utils = pytest.importorskip("wechatpayv3.utils")
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    sealed = AESGCM(APIV3_KEY.encode()).encrypt(b"nonce0123456", b'{"a":1}', b"transaction")
    text = base64.b64encode(sealed).decode()
    theirs = utils.aes_decrypt("nonce0123456", text, "transaction", APIV3_KEY)
    resource = {"ciphertext": text, "nonce": "nonce0123456", "associated_data": "transaction"}
    assert opened([APIV3_KEY], resource) == theirs.encode() == b'{"a":1}'
    assert opened(["x" * 32, APIV3_KEY], resource) == b'{"a":1}'
    assert opened(["x" * 32], resource) is None


def test_wechat_proofs_expire_after_300_seconds():
    utils = pytest.importorskip("wechatpayv3.utils")
    now = int(time.time())
    text = f"{now}\nabc\n{{}}\n"
    signature = utils.rsa_sign(private_key=utils.load_private_key(THEIRS), sign_str=text)
    headers = {
        "wechatpay-serial": "PUB_KEY_ID_1",
        "wechatpay-timestamp": str(now),
        "wechatpay-nonce": "abc",
        "wechatpay-signature": signature,
    }
    assert is_genuine(WECHAT_CONFIG, headers, b"{}", Moment(now + 300, ""))
    assert not is_genuine(WECHAT_CONFIG, headers, b"{}", Moment(now + 301, ""))
    assert not is_genuine(WECHAT_CONFIG, headers, b"{ }", Moment(now, ""))


def test_alipay_writes_beijing_time():
    fields = signed_fields(ALIPAY_CONFIG, "m", {}, Moment(1_790_000_000, ""))
    wanted = dt.datetime.fromtimestamp(1_790_000_000, dt.timezone(dt.timedelta(hours=8)))
    assert fields["timestamp"] == f"{wanted:%Y-%m-%d %H:%M:%S}"
    assert dict(parse_qsl(f"a={fields['timestamp']}"))["a"] == fields["timestamp"]
