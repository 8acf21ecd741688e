"""The stand-in as a process: a threaded HTTP server, the threads that send webhooks, one way to stop both."""

import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.shopify import admin_pages, api, bulk_files, oauth, side_doors, static_files, store_pages, webhooks
from sandbox.shopify.call_gate import MAX_BODY_BYTES, CallGate
from sandbox.shopify.deliveries import Deliverer
from sandbox.shopify.graph import bulk
from sandbox.shopify.world import World

_LOOK_UP_SECONDS = 0.02  # how soon a stop is seen
_HERE = Path(__file__).parent
_OWN_PAGES = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; frame-src *"
)


def create_server(world: World) -> flask.Flask:
    """Return the stand-in as a WSGI application."""
    app = flask.Flask(__name__, template_folder=str(_HERE / "pages"), static_folder=None)
    app.config["WORLD"] = world
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for module in (api, oauth, side_doors, bulk_files, static_files, admin_pages, store_pages):
        app.register_blueprint(module.bp)
    app.register_error_handler(404, _nothing_here)
    app.before_request(_own_forms_only)
    app.after_request(_say_about_pages)
    app.wsgi_app = CallGate(world, app.wsgi_app)  # type: ignore[method-assign,assignment]
    return app


class StandIn:
    """The running stand-in; a context manager, for tests."""

    def __init__(self, world: World, *, host: str = "127.0.0.1", port: int = 0, senders: int = 12) -> None:
        self.world = world
        self._server = _bind(create_server(world), host, port)
        if not world.origin:
            world.origin = f"http://{host}:{self._server.port}"
        webhooks.listen(world)
        self._deliverer = Deliverer(world, threads=senders)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK_UP_SECONDS,), name="http", daemon=True
        )

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return int(self._server.port)

    def start(self) -> None:
        """Begin to answer and to send."""
        self._deliverer.start()
        bulk.resume(self.world)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and sending; what is under way is not waited for."""
        self._server.shutdown()
        self._server.server_close()
        self._deliverer.stop()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


class _Handler(WSGIRequestHandler):
    """Says nothing of requests: their addresses hold codes and tokens."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""

    def connection_dropped(self, error: BaseException, environ: dict[str, object] | None = None) -> None:
        """Read no further from a connection that is gone, or that a fault switch cut."""
        del error, environ
        self.close_connection = True

    def version_string(self) -> str:
        """Say what this is, not what it is made of."""
        return "stand-in-for-shopify"


def _bind(app: flask.Flask, host: str, port: int) -> BaseWSGIServer:
    server = make_server(host, port, app, threaded=True, request_handler=_Handler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.socket.listen(1024)
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def _own_forms_only() -> flask.typing.ResponseReturnValue | None:
    """Refuse what another site's page sends here in its visitor's name."""
    site = flask.request.headers.get("Sec-Fetch-Site", "none")
    foreign = flask.request.method not in ("GET", "HEAD", "OPTIONS") and site not in ("same-origin", "none")
    return ("This form belongs to another site.", 403) if foreign else None


def _nothing_here(_: Exception) -> flask.typing.ResponseReturnValue:
    """Show people a way back; programs get the bare status."""
    if "text/html" not in flask.request.headers.get("Accept", ""):
        return "Not Found", 404, {"Content-Type": "text/plain; charset=utf-8"}
    return flask.render_template("nothing_here.html"), 404


def _say_about_pages(answer: flask.Response) -> flask.Response:
    if answer.mimetype == "text/html":
        answer.headers.setdefault("Content-Security-Policy", _OWN_PAGES)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer
