"""Time-stamping authorities for the tests: certificates, the openssl command, HTTP on loopback.

`Authority.reply` is `openssl ts -reply`, by the machine's clock. `Authority.stamp` makes a token by
`openssl cms -sign` over a TSTInfo written here, so that its time, nonce and imprint can be chosen.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from archive.timestamps import Query

STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)
REPLY = "application/timestamp-reply"
_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """A root and a time-stamping certificate under it, with their keys, in a folder."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "Town Time",
        valid: tuple[datetime, datetime] | None = None,
        usage: tuple[ObjectIdentifier, ...] = STAMPING,
        critical: bool = True,
    ) -> None:
        """`valid` is the time-stamping certificate's window; the root is valid for longer."""
        folder.mkdir(parents=True)
        self.folder = folder
        now = datetime.now(UTC)
        start, end = valid or (now - timedelta(days=2), now + timedelta(days=365))
        around = start - timedelta(days=365), end + timedelta(days=3650)
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root = _certificate(f"{name} Root", root_key, None, root_key, around).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.root = root.sign(root_key, SHA256())
        own = _certificate(f"{name} Stamps", key, self.root.subject, root_key, (start, end))
        if usage:
            own = own.add_extension(x509.ExtendedKeyUsage(usage), critical=critical)
        self.certificate = own.sign(root_key, SHA256())
        self.ca = folder / "root.pem"
        self.ca.write_bytes(self.root.public_bytes(Encoding.PEM))
        (folder / "tsa.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "tsa.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(_CONFIG.format(folder=folder))

    def reply(self, query: bytes) -> bytes:
        """What `openssl ts -reply` answers, a rejection included."""
        (self.folder / "query.tsq").write_bytes(query)
        self._openssl(
            "ts -reply -config ts.cnf -section own -queryfile query.tsq -signer tsa.pem "
            "-inkey tsa.key -out answer.tsr"
        )
        return (self.folder / "answer.tsr").read_bytes()

    def stamp(
        self, query: bytes, at: datetime, *, nonce: int | None = None, imprint: bytes = b""
    ) -> bytes:
        """An answer with a token of this time; with another nonce or imprint when given."""
        asked = Query.parse(query)
        info = der(
            0x30,
            _integer(1),
            der(0x06, bytes([0x2A, 3, 4])),
            der(0x30, _SHA256_ALGORITHM, der(0x04, imprint or asked.imprint)),
            _integer(7),
            der(0x18, at.strftime("%Y%m%d%H%M%SZ").encode()),
            _integer(asked.nonce if nonce is None else nonce),
        )
        (self.folder / "info").write_bytes(info)
        self._openssl(
            "cms -sign -binary -nodetach -cades -md sha256 -outform DER -in info -out token "
            "-econtent_type 1.2.840.113549.1.9.16.1.4 -signer tsa.pem -inkey tsa.key"
        )
        return der(0x30, der(0x30, _integer(0)), (self.folder / "token").read_bytes())

    def _openssl(self, words: str) -> None:
        command = ["openssl", *words.split()]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


def rejection(reason: str) -> bytes:
    """An answer that grants nothing."""
    return der(0x30, der(0x30, _integer(2), der(0x30, der(0x0C, reason.encode()))))


def der(tag: int, *pieces: bytes) -> bytes:
    """A DER value: tag, length, contents."""
    body = b"".join(pieces)
    length = len(body)
    if length < 0x80:
        return bytes([tag, length]) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def _integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1))


_SHA256_ALGORITHM = der(0x30, bytes.fromhex("0609608648016503040201"), der(0x05))


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    valid: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(identifier, critical=False)
    )


Answer = Callable[[BaseHTTPRequestHandler, bytes], None]
"""Answers one POST: the request, and its body."""


def answering(
    body: Callable[[bytes], bytes], kind: str = REPLY, headers: dict[str, str] | None = None
) -> Answer:
    """Sends what `body` makes of the query."""

    def answer(request: BaseHTTPRequestHandler, query: bytes) -> None:
        data = body(query)
        request.send_response(200)
        request.send_header("Content-Type", kind)
        for name, value in ({"Content-Length": str(len(data))} | (headers or {})).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def endless(request: BaseHTTPRequestHandler, _query: bytes) -> None:
    """Sends zeros until the other side has had enough."""
    request.send_response(200)
    request.send_header("Content-Type", REPLY)
    request.end_headers()
    while True:
        request.wfile.write(bytes(1 << 16))


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """An HTTP server on loopback; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, *_: object) -> None:
            """Nothing: pytest's output is read."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Nothing: clients that hang up are what is tested."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes the query and says nothing until the test is over."""
    over = Event()

    def wait(_request: BaseHTTPRequestHandler, _query: bytes) -> None:
        over.wait()

    with serving(wait) as url:
        try:
            yield url
        finally:
            over.set()
