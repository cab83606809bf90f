"""The key and certificate that sign our OpenDSR answers (its 4.1, 4.2).

An authority issues the certificate for the domain of `PUBLIC_URL`; OPENDSR_CERTIFICATE
names its file. Without one a trial signs with a certificate of its own, which the
specification forbids between companies.
"""

import base64
import datetime as dt
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

from privacy.refusals import Refusal

YEAR = dt.timedelta(days=365)


class NoCertificate(Refusal):
    """OpenDSR is not set up here: OPENDSR_KEY and OPENDSR_CERTIFICATE are missing."""


def domain() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def sign(body: bytes) -> str:
    """Base64 of the RSA signature over the SHA-256 of the body (PKCS #1 v1.5)."""
    signature = _key().sign(body, padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode()


def is_signed(body: bytes, signature: str, certificate: str) -> bool:
    """Whether the owner of this certificate (PEM) signed the body."""
    try:
        key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
        raw = base64.b64decode("".join(signature.split()), validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(raw, body, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def pem() -> str:
    if settings.OPENDSR_CERTIFICATE:
        return Path(settings.OPENDSR_CERTIFICATE).read_text()
    return _own(domain(), settings.OPENDSR_KEY)


def _key() -> rsa.RSAPrivateKey:
    return _read(settings.OPENDSR_KEY)


@cache
def _read(said: str) -> rsa.RSAPrivateKey:
    if not said:
        raise NoCertificate
    text = said if said.startswith("-----") else Path(said).read_text()
    key = serialization.load_pem_private_key(text.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise NoCertificate("OPENDSR_KEY is not an RSA key.")
    return key


@cache
def _own(name: str, said: str) -> str:
    """For trials: self-signed, so nobody else vouches for it."""
    key, now = _read(said), dt.datetime.now(dt.UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + YEAR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def headers(body: bytes) -> dict[str, str]:
    """Under today's names and those of OpenGDPR (10.1)."""
    signature = sign(body)
    return {
        f"X-{name}-{what}": value
        for name in ("OpenDSR", "OpenGDPR")
        for what, value in (("Processor-Domain", domain()), ("Signature", signature))
    }
