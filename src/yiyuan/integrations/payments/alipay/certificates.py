"""The numbers by which Alipay knows certificates, where a merchant uses them.

A number is the MD5 of a certificate's issuer and serial, as Alipay defines it. Of the
file of root certificates those with RSA signatures count; it has others as well.
"""

import hashlib
import re
from functools import lru_cache
from typing import Final

from yiyuan.integrations.payments.values import Config, MethodError

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_RSA_OIDS: Final = "1.2.840.113549.1.1."
_FIELDS: Final = ("app_certificate", "alipay_root_certificate")


def check_certificates(config: Config) -> None:
    """Both certificates, or none, in PEM. Raises MethodError."""
    given = [name for name in _FIELDS if config[name]]
    for name in given:
        if not certificate_number(config[name], is_root=name == _FIELDS[1]):
            raise MethodError(name, "must be the whole certificate, from -----BEGIN on")
    if len(given) == 1:
        missing = next(name for name in _FIELDS if name not in given)
        raise MethodError(missing, "is needed beside the other certificate")


def certificate_fields(config: Config) -> dict[str, str]:
    """What a request says of its certificates; nothing in public-key mode."""
    if not config["app_certificate"]:
        return {}
    return {
        "app_cert_sn": certificate_number(config["app_certificate"]),
        "alipay_root_cert_sn": certificate_number(config["alipay_root_certificate"], is_root=True),
    }


@lru_cache(maxsize=64)
def certificate_number(text: str, *, is_root: bool = False) -> str:
    """The number of a certificate, or of a file of roots; empty when there is none in it."""
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - large, seldom needed

    numbers = []
    for pem in _PEM.findall(text):
        try:
            certificate = load_pem_x509_certificate(pem.encode())
            issuer = certificate.issuer.rfc4514_string()
            oid = certificate.signature_algorithm_oid.dotted_string
        except ValueError:
            continue
        if is_root and not oid.startswith(_RSA_OIDS):
            continue
        number = hashlib.md5(f"{issuer}{certificate.serial_number}".encode()).hexdigest()  # noqa: S324 - Alipay's
        if not is_root:
            return number
        numbers.append(number)
    return "_".join(numbers)
