"""A scripted provider from a test's side: its process, its keys, and our method's fields."""

import datetime as dt
import functools
import json
import pathlib
import subprocess
import sys
import urllib.request
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

ROOT = pathlib.Path(__file__).parents[3]
KINDS = ("epay_md5", "epay_rsa", "stripe_checkout", "alipay", "wechat_pay")
APIV3_KEY = "0123456789abcdef0123456789ABCDEF"
EPAY_KEY = "canary-epay-key-7f3a9b"
STRIPE_KEY = "sk_live_canary51f00d"
WEBHOOK_SECRET = "whsec_canary9d41c2"


@functools.cache
def key_pair(name: str) -> tuple[str, str]:
    """A private and a public key in PEM, the same for a name in one run."""
    del name
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private, public.decode()


@functools.cache
def certificate() -> tuple[str, str, str]:
    """A platform certificate: private key, certificate, serial."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    serial = f"{made.serial_number:040X}"
    return private, made.public_bytes(Encoding.PEM).decode(), serial


def bare(pem: str) -> str:
    """A key as one line of base64, as consoles show it."""
    return "".join(line for line in pem.splitlines() if "-----" not in line)


class Partner:
    """One provider's process."""

    def __init__(self, kind: str, **more: Any) -> None:
        """`more` changes the provider's settings."""
        self.kind = kind
        self.values, self.secrets, settings = _fields(kind)
        self.settings = {**settings, **more}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.payment_gateways.server", kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(self.settings) + "\n")
        self._process.stdin.flush()
        self.origin = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        self.values["base_url"] = self.origin

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.terminate()
        self._process.wait(10)

    def do(self, what: str, **more: Any) -> Any:
        """Let the provider do something; see `server.Provider`."""
        body = json.dumps({"do": what, **more}).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.origin}/_control", body, timeout=60) as answer:
            return json.load(answer)

    def pay(self, number: str, amount_minor: int | None = None, **more: Any) -> Any:
        """The payer pays; no notify."""
        return self.do("pay", number=number, amount_minor=amount_minor, **more)

    def notify(self, number: str, **options: Any) -> dict[str, Any]:
        """Send one notify; what we answered."""
        found: dict[str, Any] = self.do("notify", number=number, **options)[0]
        return found

    def add_arguments(self) -> list[str]:
        """`--set` for each plain field."""
        return [word for n, v in self.values.items() for word in ("--set", f"{n}={v}")]

    def secrets_json(self) -> str:
        """What `--secrets-stdin` takes."""
        return json.dumps(self.secrets)


def _fields(kind: str) -> tuple[dict[str, str], dict[str, str], dict[str, Any]]:
    """(plain fields, secrets, the provider's own settings)."""
    ours, ours_public = key_pair("merchant")
    theirs, theirs_public = key_pair("platform")
    other, _ = key_pair("other")
    if kind == "epay_md5":
        settings = {"pid": "1001", "key": EPAY_KEY}
        return {"pid": "1001", "types": "alipay,wxpay"}, {"key": EPAY_KEY}, settings
    if kind == "epay_rsa":
        settings = {"pid": "1002", "platform_private_key": theirs, "other_key": other}
        settings |= {"merchant_public_key": ours_public}
        values = {"pid": "1002", "types": "alipay", "platform_public_key": bare(theirs_public)}
        return values, {"private_key": bare(ours)}, settings
    if kind == "stripe_checkout":
        secrets = {"secret_key": STRIPE_KEY, "webhook_secret": WEBHOOK_SECRET}
        return {"currency": "cny"}, secrets, dict(secrets)
    if kind == "alipay":
        settings = {"app_id": "2021000000000001", "seller_id": "2088000000000001"}
        values = {**settings, "alipay_public_key": bare(theirs_public)}
        settings |= {"alipay_private_key": theirs, "app_public_key": ours_public}
        return values, {"private_key": bare(ours)}, {**settings, "other_key": other}
    private, pem, serial = certificate()
    settings = {"mchid": "1900000001", "public_key_id": "PUB_KEY_ID_0119000000012026"}
    values = {**settings, "appid": "wx0123456789abcdef", "serial_no": "5157F09EFDC096DE"}
    values |= {"public_key": theirs_public}
    settings |= {"wechat_private_key": theirs, "merchant_public_key": ours_public}
    settings |= {"certificate_key": private, "certificate_pem": pem, "other_key": other}
    settings |= {"certificate_serial": serial, "apiv3_key": APIV3_KEY}
    return values, {"private_key": ours, "apiv3_key": APIV3_KEY}, settings
