"""A token endpoint over real HTTP that does one thing wrong when it is told to."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


class TokenEndpoint:
    """Hands out ``shpat_2`` and ``shprt_2`` and so on; remembers what it was asked."""

    def __init__(self):
        self.begin()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with endpoint.lock:
                    endpoint.asked.append(dict(parse_qsl(body.decode())))
                    endpoint.hosts.append(self.headers["Host"])
                    endpoint.paths.append(self.path)
                endpoint.answer(self, endpoint.asked[-1])

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def begin(self):
        self.lock = threading.Lock()
        self.asked, self.hosts, self.paths = [], [], []
        self.trouble, self.slow_seconds, self.number = None, 0.0, 1

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler, asked):
        time.sleep(self.slow_seconds)
        trouble = self.trouble
        if trouble == "lost":
            handler.close_connection = True
            handler.connection.shutdown(2)
        elif trouble == "trickle":
            self._trickle(handler)
        elif isinstance(trouble, int):
            self._write(handler, trouble, b"{}")
        elif trouble == "html":
            self._write(handler, 200, b"<!doctype html><title>Sorry</title>")
        elif trouble == "half":
            self._write(handler, 200, b'{"access_token": "shpat_9", "scope": "a", "refresh_token": 7}')
        elif trouble is not None:
            self._write(handler, 400, json.dumps({"error": trouble}).encode())
        else:
            self._write(handler, 200, json.dumps(self._grant(asked)).encode())

    def _grant(self, asked):
        with self.lock:
            self.number += 1
            token = {"access_token": f"shpat_{self.number}", "scope": "read_orders,write_customers"}
        if asked["grant_type"] == "client_credentials":
            return token | {"expires_in": 86_399}
        more = {"refresh_token": f"shprt_{self.number}", "refresh_token_expires_in": 7_776_000}
        return token | {"expires_in": 3600} | more

    def _write(self, handler, status, body):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _trickle(self, handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            for _ in range(20):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass
