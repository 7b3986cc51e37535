"""Certificate mode of Alipay: its numbers as Alipay's own library counts them."""

import dataclasses
import datetime as dt

import alipay as alipay_sdk
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tests.support.payment_gateways.partner import Partner, bare
from yiyuan.integrations.payments.alipay.certificates import certificate_number
from yiyuan.integrations.payments.alipay.gateway import signed_fields
from yiyuan.integrations.payments.alipay.trade import METHOD
from yiyuan.integrations.payments.values import Config, MethodError, Moment

# The library reads certificates by functions that its own dependency calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
APP_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ALIPAY_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name_of(common: str) -> x509.Name:
    """A name with the parts that Ant's certificates have, in their order."""
    parts = ((NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, "Ant Financial"))
    parts += ((NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),)
    parts += ((NameOID.COMMON_NAME, common),)
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def certificate(issuer: str, signer, public_key, serial: int) -> str:
    """A certificate in PEM."""
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name_of("whoever"))
        .issuer_name(name_of(issuer))
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .sign(signer, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


ROOT_KEY, EC_KEY = ALIPAY_KEY, ec.generate_private_key(ec.SECP256R1())
ROOTS = "\n".join(
    [
        certificate("Ant Financial Root R1", ROOT_KEY, ROOT_KEY.public_key(), 2**158 + 5),
        certificate("Ant Financial Root E1", EC_KEY, EC_KEY.public_key(), 7),
        certificate("Ant Financial Root R2", ROOT_KEY, ROOT_KEY.public_key(), 11),
    ]
)
ISSUER = "Ant Financial Certification Authority Class 1 R1"
APP = certificate(ISSUER, ROOT_KEY, APP_KEY.public_key(), 32421560118911)
ALIPAY = certificate(ISSUER, ROOT_KEY, ALIPAY_KEY.public_key(), 99)
FIELDS = {
    "app_id": "2021",
    "alipay_public_key": ALIPAY,
    "app_certificate": APP,
    "alipay_root_certificate": ROOTS,
}


def private_pem(key) -> str:
    """A private key in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


CONFIG = Config(FIELDS, {"private_key": bare(private_pem(APP_KEY))})


@pytest.fixture
def library():
    """Alipay's published library for the same certificates."""
    return alipay_sdk.DCAliPay(
        appid="2021",
        app_private_key_string=private_pem(APP_KEY),
        app_public_key_cert_string=APP,
        alipay_public_key_cert_string=ALIPAY,
        alipay_root_cert_string=ROOTS,
    )


def test_numbers_of_certificates_are_those_of_alipays_library(library):
    assert certificate_number(APP) == library.app_cert_sn
    assert certificate_number(ROOTS, is_root=True) == library.alipay_root_cert_sn
    assert certificate_number(ROOTS, is_root=True).count("_") == 1  # of three, one is not RSA


def test_requests_name_both_certificates_and_sign_that(library):
    METHOD.check(CONFIG)
    fields = signed_fields(CONFIG, "alipay.trade.query", {"out_trade_no": "a"}, Moment(1, ""))
    assert fields["app_cert_sn"] == library.app_cert_sn
    assert fields["alipay_root_cert_sn"] == library.alipay_root_cert_sn
    sign = fields.pop("sign")
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    assert library._sign(text) == sign


def test_without_certificates_nothing_is_said_of_them():
    plain = Config({"app_id": "2021", "alipay_public_key": ALIPAY}, CONFIG.secrets)
    METHOD.check(plain)
    fields = signed_fields(plain, "alipay.trade.query", {}, Moment(1, ""))
    assert not {"app_cert_sn", "alipay_root_cert_sn"} & set(fields)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"app_certificate": ""}, "app_certificate"),
        ({"alipay_root_certificate": ""}, "alipay_root_certificate"),
        ({"app_certificate": "MIIB"}, "app_certificate"),
        ({"alipay_root_certificate": "-----BEGIN CERTIFICATE-----x"}, "alipay_root_certificate"),
        ({"alipay_root_certificate": ROOTS.split("\n\n")[0][:99]}, "alipay_root_certificate"),
    ],
)
def test_half_of_them_or_no_certificate_is_refused_at_set_up(changed, field):
    with pytest.raises(MethodError) as caught:
        METHOD.check(dataclasses.replace(CONFIG, values={**FIELDS, **changed}))
    assert caught.value.field == field


def test_a_payment_in_certificate_mode_from_order_to_proof():
    from tests.conformance.payments.dealing import Dealing  # noqa: PLC0415 - a provider's process

    with Partner("alipay") as partner:
        partner.values |= {"app_certificate": APP, "alipay_root_certificate": ROOTS}
        dealing = Dealing(partner)
        order = dealing.made()
        partner.pay(order.number)
        assert dealing.query(order).state == "paid"
        calls = [call["body"] for call in partner.do("calls")]
        assert all(f"app_cert_sn={certificate_number(APP)}" in body for body in calls)
