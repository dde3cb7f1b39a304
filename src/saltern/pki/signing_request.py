"""Certificate signing requests (PKCS #10): a minion's proof that it holds the private key of a public key."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from saltern.errors import ProtocolError
from saltern.pki.keypair import public_pem

_LONGEST = 8192


def make_request(key: ec.EllipticCurvePrivateKey) -> str:
    """A request, PEM. It names nobody: the master decides whom a certificate is for."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode("ascii")


def request_key(request: str) -> str:
    """The public key (PEM) of a request whose signature holds; `ProtocolError` otherwise."""
    return public_pem(read_request(request))


def read_request(request: str) -> ec.EllipticCurvePublicKey:
    """As `request_key`, as an object. All else that the request asks for is left out of account."""
    if len(request) > _LONGEST:
        raise ProtocolError(f"The certificate signing request is longer than {_LONGEST} bytes.")
    try:
        parsed = x509.load_pem_x509_csr(request.encode())
        key = parsed.public_key()
        signed = parsed.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ProtocolError("The certificate signing request cannot be read.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ProtocolError("The certificate signing request is for a key of another kind than elliptic curve P-256.")
    if not signed:
        raise ProtocolError("The signature of the certificate signing request is wrong.")
    return key
