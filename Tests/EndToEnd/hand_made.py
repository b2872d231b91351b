"""Certificates as people make them by hand, with a library that is not the operator's."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def make_certificates(name: str) -> dict[str, bytes]:
    """An authority, and a server and a client certificate of it."""
    authority_key, authority = issue("by hand", None, None, x509.BasicConstraints(ca=True, path_length=0))
    files = {"ca.pem": authority.public_bytes(serialization.Encoding.PEM), "ca.key": private_text(authority_key)}
    for role, usage in (("server", ExtendedKeyUsageOID.SERVER_AUTH), ("client", ExtendedKeyUsageOID.CLIENT_AUTH)):
        key, certificate = issue(
            role, authority_key, authority, x509.ExtendedKeyUsage([usage]), x509.SubjectAlternativeName([x509.DNSName(name)])
        )
        files[f"{role}.pem"] = certificate.public_bytes(serialization.Encoding.PEM)
        files[f"{role}.key"] = private_text(key)
    return files


def private_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def issue(name, issuer_key, issuer, *extensions: x509.ExtensionType):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return key, builder.sign(issuer_key or key, hashes.SHA256())
