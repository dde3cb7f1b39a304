"""Whether a certificate was signed by a key."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa


def is_signed_by(cert: x509.Certificate, key: Any) -> bool:
    """By the public key itself: names, and whether that key may sign, are not looked at."""
    data, signature, algorithm = cert.tbs_certificate_bytes, cert.signature, cert.signature_hash_algorithm
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            parameters = cert.signature_algorithm_parameters
            pad = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
            key.verify(signature, data, pad, algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(signature, data, ec.ECDSA(algorithm))
        else:
            key.verify(signature, data)
    except (InvalidSignature, TypeError):
        return False
    return True
