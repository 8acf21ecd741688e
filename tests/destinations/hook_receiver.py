"""A program that takes outgoing webhooks, on this machine, and answers as it is told to."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from shop_app.wire import http, public_addresses


class Received(NamedTuple):
    """One event as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


class HookReceiver:
    """What came, and what is answered: ``answer`` gets an event and returns a status and headers."""

    def __init__(self):
        self.received: list[Received] = []
        self.answer = lambda _event: (200, {})
        self.seconds = 0.0
        self.at_a_time = self.most_at_a_time = 0
        self.lock = threading.Lock()
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hooks/s3cret"

    @property
    def changes(self):
        """The events that are no pings."""
        return [event.json for event in self.received if event.json["type"] != "ping"]

    def answers(self, status, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _event: (status, named)

    def take(self, event):
        with self.lock:
            self.received.append(event)
            self.at_a_time += 1
            self.most_at_a_time = max(self.most_at_a_time, self.at_a_time)
        time.sleep(self.seconds)
        with self.lock:
            self.at_a_time -= 1
            return self.answer(event)


@contextmanager
def hook_receiver():
    """Run a receiver on this machine, which may be called for as long."""
    receiver = HookReceiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = receiver.take(Received(dict(self.headers.items()), body))
            if status == 0:  # a connection that ends without a word
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    public_addresses.allow_local_targets(True)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            http.hang_up()
            server.shutdown()
            thread.join()
            public_addresses.allow_local_targets(False)
