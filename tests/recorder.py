"""A small upstream that records what it is asked and gives one and the same answer."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REFUSAL = {"error": {"code": 400, "message": "Recorded.", "status": "INVALID_ARGUMENT"}}


@dataclass(frozen=True)
class Recorded:
    """One request as it came over the wire; names of headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Recorder:
    """The requests so far, and the answer to every one of them."""

    answer: bytes
    status: int
    base_url: str = ""
    requests: list[Recorded] = field(default_factory=list)

    def last(self) -> Recorded:
        """The newest request, which is forgotten."""
        (request,) = self.requests
        self.requests.clear()
        return request


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    recorder: Recorder


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._record()

    def do_POST(self) -> None:
        self._record()

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""

    def _record(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        recorder = self.server.recorder
        recorder.requests.append(Recorded(self.command, self.path, headers, body))
        self.send_response(recorder.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(recorder.answer)))
        self.end_headers()
        self.wfile.write(recorder.answer)


@contextmanager
def recording(answer: Any = REFUSAL, status: int = 400) -> Iterator[Recorder]:
    """A recorder on a port of its own."""
    recorder = Recorder(answer if isinstance(answer, bytes) else json.dumps(answer).encode(), status)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.recorder = recorder
        recorder.base_url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield recorder
        server.shutdown()
        thread.join()
