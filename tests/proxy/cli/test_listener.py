"""The socket is taken first, and a refusal says what to do."""

import errno
import socket

import pytest

from proxy.cli.listener import CannotListen, address, listen, refused


def test_free_port() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert port > 0
        assert address(listener) == f"http://127.0.0.1:{port}"


def test_address_of_all_interfaces_is_one_that_can_be_opened() -> None:
    with listen("0.0.0.0", 0) as listener:
        assert address(listener).startswith("http://127.0.0.1:")


def test_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=rf"127\.0\.0\.1 port {port}: it is taken.*--port"):
            listen("127.0.0.1", port)


def test_unknown_host() -> None:
    with pytest.raises(CannotListen, match=r"no-such-host\.invalid"):
        listen("no-such-host.invalid", 0)


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.EACCES, "above 1023"), (errno.EADDRNOTAVAIL, "--host")]
)
def test_advice(number: int, advice: str) -> None:
    assert advice in refused("host", 80, OSError(number, "text"))


def test_other_errors_are_told_in_the_systems_words() -> None:
    assert "Too many open files" in refused("host", 80, OSError(errno.EMFILE, "Too many open files"))
