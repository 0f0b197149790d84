"""Time-stamp queries and answers of RFC 3161, by rfc3161-client: the one place that touches it.

The library checks the token's signature and its chain at the token's own time; what it leaves open
is checked here: the hash algorithm of the imprint, that the certificate is for time stamping alone
(RFC 3161 section 2.3) and is the one that the token names (RFC 5816), and how errors read.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client import VerificationError as Unverified
from rfc3161_client._rust import parse_timestamp_request

from archive.errors import MunimentError, SourceError, VerificationError

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_NOT_ANSWER = "it is not a time-stamp answer"
_REASONS = {
    "certificate has expired": "its authority's certificates had expired at its time",
    "certificate is not yet valid": "its authority's certificates were not valid yet at its time",
    "issuer certificate": "its authority's root certificate is not known here",
    "self-signed certificate": "its authority's root certificate is not known here",
    "self signed certificate": "its authority's root certificate is not known here",
    "Verify error": "its authority's certificates do not hold",
    "EKU": "its certificate is not for time stamping alone",
    "Certificates neither found": "it comes without its authority's certificate",
    "leaf certificate": "it comes without its authority's certificate",
}
"""What the library's message contains, and what that means; in this order."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query for a time stamp: its DER bytes, the hash that it asks about, and its nonce."""

    der: bytes
    imprint: bytes
    nonce: int

    @classmethod
    def of(cls, data: bytes) -> "Query":
        """A new query over the SHA-256 of data, with a random nonce, asking for certificates."""
        return cls.parse(
            TimestampRequestBuilder()
            .data(data)
            .hash_algorithm(HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
            .as_bytes()
        )

    @classmethod
    def parse(cls, der: bytes) -> "Query":
        """A query that was written to a file; SourceError when it is none of ours."""
        try:
            with _edge():
                request = parse_timestamp_request(der)
                imprint, nonce = request.message_imprint, request.nonce
                if imprint.hash_algorithm == _SHA256 and nonce is not None:
                    return cls(der, imprint.message, nonce)
        except VerificationError as error:
            raise SourceError("it is not a time-stamp query") from error
        raise SourceError("it is not a query of this program: no nonce, or another hash")


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was verified: what was stamped, when (whole seconds), and by whom."""

    imprint: bytes
    time: datetime
    authority: str


def verified(response: bytes, roots: Sequence[x509.Certificate], nonce: int | None = None) -> Token:
    """The token of a whole answer (DER TimeStampResp), verified but for whose imprint it holds.

    `roots` are certificates that are trusted; `nonce` is compared when given. The chain is checked
    at the token's own time. VerificationError when anything does not hold.
    """
    with _edge():
        answer = _granted(response)
        imprint = _imprint(answer)
        if nonce is not None and answer.tst_info.nonce != nonce:
            raise VerificationError("time stamp: it answers another query (wrong nonce)")
        VerifierBuilder(roots=list(roots)).build().verify(answer, imprint)
        signer = _signer(answer)
        _check_usage(signer)
        _check_named(signer, answer.time_stamp_token())
        return Token(imprint, answer.tst_info.gen_time, _name(signer))


def claimed_authority(response: bytes) -> str:
    """The name of the certificate that an answer says it is signed by; nothing is verified."""
    with _edge():
        return _name(_signer(decode_timestamp_response(response)))


def _granted(response: bytes) -> TimeStampResponse:
    answer = decode_timestamp_response(response)
    if answer.status != 0:
        said = "; ".join(answer.status_string) or "no reason given"
        raise VerificationError(f"time stamp: the authority did not grant it ({said})")
    return answer


def _imprint(answer: TimeStampResponse) -> bytes:
    imprint = answer.tst_info.message_imprint
    if imprint.hash_algorithm != _SHA256:
        raise VerificationError("time stamp: its imprint is not a SHA-256")
    return imprint.message


def _signer(answer: TimeStampResponse) -> x509.Certificate:
    (info,) = answer.signed_data.signer_infos
    found = [
        certificate
        for certificate in map(x509.load_der_x509_certificate, answer.signed_data.certificates)
        if (certificate.issuer, certificate.serial_number) == (info.issuer, info.serial_number)
    ]
    if len(found) != 1:
        raise VerificationError("time stamp: it comes without its authority's certificate")
    return found[0]


def _check_usage(certificate: x509.Certificate) -> None:
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise VerificationError("time stamp: its certificate is not for time stamping alone")


def _check_named(certificate: x509.Certificate, token: bytes) -> None:
    der = certificate.public_bytes(Encoding.DER)
    digests = [hashlib.new(name, der).digest() for name in ("sha256", "sha1", "sha384", "sha512")]
    if not any(digest in token for digest in digests):
        raise VerificationError("time stamp: it does not name its authority's certificate")


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


@contextmanager
def _edge() -> Iterator[None]:
    """Turn what the libraries raise on hostile bytes, panics too, into VerificationError."""
    try:
        yield
    except (MunimentError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except Unverified as error:
        raise VerificationError(f"time stamp: {_reason(str(error))}") from error
    except BaseException as error:
        panic = type(error).__name__ == "PanicException"
        if panic or isinstance(error, ValueError | TypeError | LookupError | OverflowError):
            raise VerificationError(f"time stamp: {_NOT_ANSWER}") from error
        raise


def _reason(said: str) -> str:
    found = (reason for part, reason in _REASONS.items() if part in said)
    return next(found, "its signature is wrong")
