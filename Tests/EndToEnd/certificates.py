"""Judges certificates with the openssl program and Python's cryptography, none of it code of this project."""

import base64
import datetime
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
KEY_KINDS = {"RSA": "RSA", "EllipticCurve": "EC", "ECPublicKey": "EC", "Ed25519": "Ed25519"}


@dataclass
class Facts:
    """What a certificate says, in the terms of RFC 5280."""

    common_name: str
    dns_names: set[str]
    addresses: set[str]
    extended_key_usage: set[x509.ObjectIdentifier]
    key_usage: set[str]
    is_authority: bool
    path_length: int | None
    serial_number: str  # hexadecimal, two digits an octet
    not_after: datetime.datetime
    key_kind: str  # RSA, EC or Ed25519


def facts(pem: bytes) -> Facts:
    certificate = x509.load_pem_x509_certificate(pem)
    names = _extension(certificate, x509.SubjectAlternativeName)
    usages = _extension(certificate, x509.ExtendedKeyUsage)
    key_usage = _extension(certificate, x509.KeyUsage)
    constraints = _extension(certificate, x509.BasicConstraints)
    return Facts(
        common_name=certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value,
        dns_names=set(names.get_values_for_type(x509.DNSName)) if names else set(),
        addresses={str(address) for address in names.get_values_for_type(x509.IPAddress)} if names else set(),
        extended_key_usage=set(usages) if usages else set(),
        key_usage={usage for usage in KEY_USAGES if key_usage and getattr(key_usage, usage)},
        is_authority=bool(constraints and constraints.ca),
        path_length=constraints.path_length if constraints else None,
        serial_number=certificate.serial_number.to_bytes((certificate.serial_number.bit_length() + 7) // 8).hex(),
        not_after=certificate.not_valid_after_utc,
        key_kind=next(kind for name, kind in KEY_KINDS.items() if name in type(certificate.public_key()).__name__),
    )


def key_matches(certificate: bytes, key: bytes) -> bool:
    """Whether an unencrypted private key in PEM belongs to a certificate."""
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    public = serialization.load_pem_private_key(key, password=None).public_key()
    return public.public_bytes(encoding, form) == x509.load_pem_x509_certificate(certificate).public_key().public_bytes(encoding, form)


def assert_openssl_accepts(folder: Path, certificate: str, purpose: str, *options: str) -> None:
    """`openssl verify -x509_strict` of FOLDER/CERTIFICATE against FOLDER/ca.pem."""
    command = ["openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", "ca.pem", *options, certificate]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30)
    assert result.returncode == 0, result.stdout + result.stderr


def unpack(secret: dict[str, Any], folder: Path) -> Path:
    """The data of a Secret as files, as `kubectl get secret` and base64 give them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in secret["data"].items():
        (folder / name).write_bytes(base64.b64decode(value))
    return folder


def _extension(certificate: x509.Certificate, kind: type) -> Any:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


SERVER, CLIENT = {ExtendedKeyUsageOID.SERVER_AUTH}, {ExtendedKeyUsageOID.CLIENT_AUTH}
