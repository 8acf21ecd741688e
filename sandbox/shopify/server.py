"""The stand-in as a process: a threaded HTTP server, the threads that send webhooks, one way to stop both."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import flask

from sandbox import http_server
from sandbox.shopify import admin_pages, api, bulk_files, oauth, side_doors, static_files, store_pages, webhooks
from sandbox.shopify.call_gate import MAX_BODY_BYTES, CallGate
from sandbox.shopify.deliveries import Deliverer
from sandbox.shopify.graph import bulk
from sandbox.shopify.world import World

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
    app.before_request(http_server.own_forms_only)
    app.after_request(_say_about_pages)
    app.wsgi_app = CallGate(world, app.wsgi_app)  # type: ignore[method-assign,assignment]
    return app


class StandIn:
    """The running stand-in; a context manager, for tests."""

    def __init__(self, world: World, *, host: str = "127.0.0.1", port: int = 0, senders: int = 12) -> None:
        self.world = world
        self._server = http_server.bind(create_server(world), host, port, name="stand-in-for-shopify")
        if not world.origin:
            world.origin = f"http://{host}:{self._server.port}"
        webhooks.listen(world)
        self._deliverer = Deliverer(world, threads=senders)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(http_server.LOOK_UP_SECONDS,), name="http", daemon=True
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


def _nothing_here(_: Exception) -> flask.typing.ResponseReturnValue:
    """Show people a way back; programs get the bare status."""
    if "text/html" not in flask.request.headers.get("Accept", ""):
        return "Not Found", 404, {"Content-Type": "text/plain; charset=utf-8"}
    return flask.render_template("nothing_here.html"), 404


def _say_about_pages(answer: flask.Response) -> flask.Response:
    return http_server.say_about_pages(answer, _OWN_PAGES)
