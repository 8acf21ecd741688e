import socket
import threading
import time
from contextlib import contextmanager

import pytest

from shop_app.wire import http
from shop_app.wire.http import Limits, NoAnswerError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def dripping(*pieces, every=0.1):
    """A server that sends its answer piece by piece, and then says nothing more."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                for piece in pieces:
                    try:
                        connection.sendall(piece)
                    except OSError:
                        return
                    if over.wait(every):
                        return
                over.wait(10)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        over.set()
        thread.join()


def post(host, **limits):
    return http.call(
        "POST", f"http://{host}/", who="the shop", host=host, body=b"{}", headers={}, limits=Limits(**limits)
    )


def seconds_until_left(host, **limits):
    began = time.monotonic()
    with pytest.raises(NoAnswerError):
        post(host, **limits)
    return time.monotonic() - began


def test_an_answer_that_drips_is_left_when_its_time_is_over():
    body = [HEAD + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 100]
    with dripping(*body) as host:
        assert seconds_until_left(host, total_seconds=0.7) < 2


def test_headers_that_drip_are_left_too():
    with dripping(*[bytes([byte]) for byte in HEAD * 3]) as host:
        assert seconds_until_left(host, total_seconds=0.7) < 2


def test_a_server_that_says_nothing_is_left():
    with dripping() as host:
        assert seconds_until_left(host, silence_seconds=0.3) < 2


def test_an_endless_answer_is_left_at_its_limit():
    endless = [b"x" * 10_000] * 50
    with dripping(HEAD + b"\r\n", *endless, every=0.001) as host, pytest.raises(http.UnusableAnswerError):
        post(host, answer_bytes=100_000)


def test_an_answer_that_comes_slowly_but_in_time_is_read_whole():
    with dripping(HEAD + b"Content-Length: 3\r\n\r\n", b"a", b"b", b"c", every=0.05) as host:
        assert post(host, total_seconds=5.0).body == b"abc"


def test_an_answer_cut_short_is_no_answer():
    with dripping(HEAD + b"Content-Length: 5\r\nConnection: close\r\n\r\n", b"ab", every=0.01) as host:
        assert seconds_until_left(host, silence_seconds=0.5) < 2
