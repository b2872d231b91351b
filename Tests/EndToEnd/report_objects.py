"""Milvus, MilvusTLS and Secrets in every state that a report shows, with certificates that are made for the present time."""

import base64
import datetime
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
HOSTILE = "</title></text></svg><script>console.error('injected')</script><img src=x onerror=alert(1)>&\"'"
Object = dict[str, Any]


def day(number: float) -> datetime.datetime:
    """So many days from now."""
    return NOW + datetime.timedelta(days=number)


def text(time: datetime.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Issued:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def issue(name: str, begin: float, end: float, issuer: Issued | None = None, names: tuple[str, ...] = ()) -> Issued:
    """A certificate from one day to another, counted from now; a CA without an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer.certificate.subject if issuer else subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(day(begin)).not_valid_after(day(end))
    builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    return Issued(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def secret(namespace: str, name: str, **files: str) -> Object:
    """Names of files have an underscore in place of the point."""
    data = {key.replace("_", "."): base64.b64encode(value.encode()).decode() for key, value in files.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": namespace, "name": name}, "data": data}


def condition(kind: str, status: str, reason: str, message: str) -> Object:
    times = {"lastTransitionTime": text(day(-3)), "observedGeneration": 1}
    return {"type": kind, "status": status, "reason": reason, "message": message} | times


def milvus(namespace: str, name: str) -> Object:
    metadata = {"namespace": namespace, "name": name, "uid": f"uid-{name}", "resourceVersion": "1"}
    return {"apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": metadata, "spec": {}}


def milvus_tls(namespace: str, name: str, spec: Object, status: Object) -> Object:
    metadata = {"namespace": namespace, "name": name, "uid": f"tls-{name}", "resourceVersion": "1", "generation": 1}
    status = {"observedGeneration": 1} | status
    return {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": spec, "status": status}


def managed(
    namespace: str,
    name: str,
    issued: float,
    spec: Object,
    conditions: list[Object],
    clients: tuple[str, ...] = ("client",),
    next_authority: bool = False,
    external: str = "TwoWay",
) -> list[Object]:
    """A release whose certificates the operator issued so many days before now."""
    authority = issue(f"{name}-milvus authority", -issued, 3650 - issued)
    following = issue(f"{name}-milvus authority v2", -1, 3649) if next_authority else None
    bundle = authority.pem + (following.pem if following else "")
    service = f"{name}-milvus.{namespace}.svc"
    server = issue(service, -issued, 365 - issued, authority, (service, f"{name}-milvus", "localhost"))
    prefix = f"{name}-certs"
    objects = [secret(namespace, prefix, server_pem=server.pem, server_key=server.key_pem, ca_pem=bundle)]
    more = {"next_pem": following.pem, "next_key": following.key_pem} if following else {}
    objects.append(secret(namespace, f"{prefix}-ca", ca_pem=authority.pem, ca_key=authority.key_pem, **more))
    listed = []
    for client in clients:
        leaf = issue(client, 1 - issued, 366 - issued, authority)
        objects.append(secret(namespace, f"{prefix}-{client}", client_pem=leaf.pem, client_key=leaf.key_pem, ca_pem=bundle))
        listed.append({"name": client, "secretName": f"{prefix}-{client}", "notAfter": text(day(366 - issued))})
    certificate = {
        "secretName": prefix,
        "source": "Operator",
        "notBefore": text(day(-issued)),
        "notAfter": text(day(365 - issued)),
        "renewalTime": text(day(250 - issued)),
        "dnsNames": [service],
    }
    pods = [
        {
            "name": f"{name}-milvus-{component}-6c9f7d9b4-x2x7k",
            "uid": f"{name}-{component}",
            "container": component,
            "restartCount": 0,
            "verdict": "True",
            "evidence": '["Internal TLS Enabled"] [value=true]',
        }
        for component in ("proxy", "mixcoord")
    ]
    endpoint = {
        "name": f"{name}-milvus-proxy-6c9f7d9b4-x2x7k/external",
        "address": "10.42.0.17:19530",
        "podUID": f"{name}-proxy",
        "restartCount": 0,
        "certificate": server.certificate.fingerprint(hashes.SHA256()).hex(),
        "verdict": "True",
        "evidence": "serves the certificate of the Secret and requires a client certificate",
    }
    plaintext = {"port": 9091, "protocol": "HTTP", "evidence": "metrics and health, to anybody", "pods": 2, "example": pods[0]["name"]}
    status: Object = {
        "external": external,
        "internal": True,
        "certificate": certificate,
        "authority": {"secretName": f"{prefix}-ca", "source": "Operator", "notAfter": text(day(3650 - issued))},
        "clients": listed,
        "conditions": conditions,
        "pods": pods,
        "endpoints": [endpoint],
    }
    if any(condition["reason"] == "AnswersInPlaintext" for condition in conditions):
        status["plaintext"] = [plaintext]
    return [milvus(namespace, name), milvus_tls(namespace, name, spec, status), *objects]


READY = condition("Ready", "True", "Configured", "Certificates are in place and the Milvus is configured to use them")
VERIFIED = condition("Verified", "True", "LogsAndHandshakesConfirm", "2 logs and 1 handshake confirmed the certificate")
EXPOSED = condition("PlaintextExposed", "True", "AnswersInPlaintext", "Port 9091 answers without TLS in 2 pods")
CLOSED = condition("PlaintextExposed", "False", "NoAnswerInPlaintext", "No port answers the operator without TLS")
WAITING = condition("RotationPending", "True", "OutsideWindow", "Renewal of the server certificate is waiting for the next window")
ROTATING = condition("AuthorityRotating", "True", "TrustingBoth", "CA rotation 1/3: distributing bundles with both CAs")
CONFLICT = condition("Ready", "False", "Conflict", "common.security.tlsMode is 0, must be 1 for external TLS OneWay")
NOT_READY = condition("Verified", "Unknown", "NotReady", "The MilvusTLS is not Ready")
WINDOWS = {"rotation": {"windows": [{"schedule": "0 2 * * 6", "duration": "4h", "timeZone": "Europe/Berlin"}]}}


def provided() -> list[Object]:
    """A Secret that somebody else renews, and that ends soon; its text is damaged in one entry."""
    authority = issue("Example Corporate CA", -900, 900)
    server = issue("recommendations.example.com", -345, 20, authority, ("recommendations.example.com",))
    findings = condition("SecretFindings", "True", "Findings", "The certificate ends in 20 days, and its owner has to renew it")
    certificate = {"secretName": "corporate", "source": "Secret", "notBefore": text(day(-345)), "notAfter": text(day(20)), "dnsNames": []}
    status = {"external": "OneWay", "internal": False, "certificate": certificate, "conditions": [READY, VERIFIED, EXPOSED, findings]}
    status["plaintext"] = [{"port": 8080, "protocol": "HTTP", "evidence": "REST", "pods": 1, "example": "recommendations-milvus-0"}]
    damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    files = secret("shop", "corporate", tls_crt=server.pem + authority.pem, tls_key=server.key_pem, ca_crt=damaged)
    return [milvus("shop", "recommendations"), milvus_tls("shop", "recommendations", {}, status), files]


def every_state() -> list[Object]:
    """The objects of a small company."""
    objects = managed("search", "my-release", 258, WINDOWS, [READY, VERIFIED, CLOSED, WAITING], ("client", "attu", "backup"))
    objects += managed("search", "catalog", 60, {}, [READY, VERIFIED, EXPOSED, ROTATING], ("client", "ingest"), next_authority=True)
    objects += provided()
    refused = {"external": "OneWay", "internal": False, "conditions": [CONFLICT, NOT_READY]}
    objects += [milvus("shop", "images"), milvus_tls("shop", "images", {}, refused), milvus("legacy", "archive")]
    return objects


def hostile() -> list[Object]:
    """A release whose texts try to become markup."""
    message = condition("Ready", "False", "Conflict", HOSTILE)
    objects = managed("hostile", HOSTILE, 10, {}, [message], (HOSTILE,))
    return [item for item in objects if item["kind"] != "Secret"] + [milvus("hostile", f"{HOSTILE}2")]


def fleet(count: int) -> list[Object]:
    """Many releases with long names."""
    names = [f"embedding-store-for-recommendations-{number:02}" for number in range(count)]
    return [item for number, name in enumerate(names) for item in managed("production-eu-central", name, 5 + number * 6, WINDOWS, [READY, VERIFIED, CLOSED])]
