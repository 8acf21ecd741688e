"""What every stand-in's HTTP server has: threads, silence about requests, pages that only it may use."""

import socket

import flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

LOOK_UP_SECONDS = 0.02  # how soon a stop is seen


def bind(app: flask.Flask, host: str, port: int, *, name: str) -> BaseWSGIServer:
    """Listen for an application; ``name`` is what its answers call the server."""
    handler = type("Handler", (_Handler,), {"server_name": name})
    server = make_server(host, port, app, threaded=True, request_handler=handler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.socket.listen(1024)
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def own_forms_only() -> flask.typing.ResponseReturnValue | None:
    """Refuse what another site's page sends here in its visitor's name."""
    site = flask.request.headers.get("Sec-Fetch-Site", "none")
    foreign = flask.request.method not in ("GET", "HEAD", "OPTIONS") and site not in ("same-origin", "none")
    return ("This form belongs to another site.", 403) if foreign else None


def say_about_pages(answer: flask.Response, policy: str) -> flask.Response:
    """Tell browsers what a page of a stand-in may do."""
    if answer.mimetype == "text/html":
        answer.headers.setdefault("Content-Security-Policy", policy)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer


class _Handler(WSGIRequestHandler):
    """Says nothing of requests: their addresses hold codes and tokens."""

    server_name = "stand-in"

    def log_request(self, *_: object) -> None:
        """Say nothing."""

    def connection_dropped(self, error: BaseException, environ: dict[str, object] | None = None) -> None:
        """Read no further from a connection that is gone, or that a fault switch cut."""
        del error, environ
        self.close_connection = True

    def version_string(self) -> str:
        """Say what this is, not what it is made of."""
        return self.server_name
