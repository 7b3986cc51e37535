"""An authority for one test run, and server certificates from it; and a stranger's."""

import functools
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OURS = "test authority"


def _certificate(subject, issuer, public_key, signing_key, *extensions):
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(signing_key, hashes.SHA256())


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


@functools.cache
def _authority(name):
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    basic = x509.BasicConstraints(ca=True, path_length=0)
    return key, _certificate(name, name, key.public_key(), key, (basic, True), (usage, True))


def client_context():
    """Trusts the test authority alone, and verifies."""
    context = ssl.create_default_context(cadata=_pem(_authority(OURS)[1]).decode())
    context.set_alpn_protocols(["http/1.1"])
    return context


def authority_file(path, name=OURS):
    """Write an authority's certificate; returns the path. Other names are strangers."""
    path.write_bytes(_pem(_authority(name)[1]))
    return path


def server_files(folder, *names):
    """Write a certificate for `names` and its key; returns both paths."""
    key, certificate = _server(*names)
    paths = folder / "server.crt", folder / "server.key"
    paths[0].write_bytes(_pem(certificate))
    paths[1].write_bytes(_private(key))
    paths[1].chmod(0o600)
    return paths


def _private(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _server(*names):
    """A key, and the certificate that the authority gives it for `names`."""
    authority_key, authority = _authority(OURS)
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = x509.SubjectAlternativeName(
        x509.IPAddress(ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names
    )
    certificate = _certificate(
        names[0],
        authority.subject.rfc4514_string().removeprefix("CN="),
        key.public_key(),
        authority_key,
        (alternatives, False),
    )
    return key, certificate


def server_context(*names, seen=None):
    """A certificate for `names`; the names that clients ask for go to `seen`."""
    key, certificate = _server(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(_private(key) + _pem(certificate))
        context.load_cert_chain(path)
    if seen is not None:
        context.sni_callback = lambda sock, name, ctx: seen.append(name)
    return context
