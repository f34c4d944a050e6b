"""Links to pictures in requests: followed to the public internet and to allowed networks, nowhere else."""

import functools
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import proxy.app
from proxy.assets.fetch import Fetcher
from tests import shown
from tests.demo import Demo, demo, error_of

PICTURE = shown.drawn((8, 6))


class Site(BaseHTTPRequestHandler):
    """A small site with good and bad links."""

    def do_GET(self) -> None:
        getattr(self, "_" + self.path.strip("/").replace("-", "_"))()

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""

    def _begin(self, kind: str, length: int, status: int = 200, location: str = "") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(length))
        if location:
            self.send_header("location", location)
        self.end_headers()

    def _good(self) -> None:
        self._begin("image/png", len(PICTURE))
        self.wfile.write(PICTURE)

    def _page(self) -> None:
        page = b"<!DOCTYPE html><html><body>no picture here, only words</body></html>"
        self._begin("image/png", len(page))
        self.wfile.write(page)

    def _too_large(self) -> None:
        self._begin("image/png", 10**9)
        self.wfile.write(PICTURE + bytes(5000))

    def _to_private(self) -> None:
        self._begin("text/plain", 0, 302, "http://10.1.2.3/cat.png")

    def _to_file(self) -> None:
        self._begin("text/plain", 0, 302, "file:///etc/passwd")

    def _slow(self) -> None:
        self._begin("image/png", len(PICTURE))
        time.sleep(1)

    def _missing(self) -> None:
        self._begin("text/plain", 0, 404)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def filmgate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A Filmgate that may fetch from this machine, and has little patience."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proxy.app, "Fetcher", functools.partial(Fetcher, stall=0.3))
        server = {"fetch_allow": ["127.0.0.0/8"]}
        with demo(tmp_path_factory.mktemp("links"), server=server) as running:
            yield running


def asked_with(filmgate: Demo, link: str, text: str = "with a link") -> tuple[int, str]:
    answer = filmgate.chat([
        {"type": "text", "text": text},
        {"type": "image_url", "image_url": {"url": link}},
    ])  # fmt: skip
    if answer.status_code == 200:
        return 200, ""
    code = answer.json()["error"]["code"]
    return answer.status_code, error_of(answer, 400, code, "messages[0].content[1].image_url.url")


def test_good_link_is_fetched(filmgate: Demo, site: str) -> None:
    assert asked_with(filmgate, f"{site}/good", "with a good link") == (200, "")
    (asked,) = filmgate.asked("with a good link")
    inline = asked["body"]["contents"][0]["parts"][1]["inlineData"]
    assert shown.data_uri(PICTURE).endswith(inline["data"])


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("page", "does not lead to a picture"),
        ("too-large", "larger than"),
        ("to-private", "not on the public internet"),
        ("to-file", "not an http or https link"),
        ("slow", "could not be fetched"),
        ("missing", "its server answered 404"),
    ],
)
def test_bad_link_is_refused(filmgate: Demo, site: str, path: str, told: str) -> None:
    before = filmgate.counters()
    status, message = asked_with(filmgate, f"{site}/{path}")
    assert status == 400
    assert told in message
    assert filmgate.counters() == before


def test_link_to_a_port_where_nobody_listens(filmgate: Demo) -> None:
    status, message = asked_with(filmgate, "http://127.0.0.1:1024/cat.png")
    assert status == 400
    assert "cannot be reached" in message
