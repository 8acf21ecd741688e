"""The stand-in as a process: a threaded HTTP server, the thread that does jobs, one way to stop both.

In a test::

    world = make_world(tmp_path / "klaviyo.sqlite", time_scale=0.01)
    account = make_account(world, "Thistle & Quire")
    key = make_key(world, account["id"])
    with StandIn(world) as klaviyo:
        headers = {"Authorization": f"Klaviyo-API-Key {key['id']}", "revision": "2026-07-15", …}
        requests.get(f"{world.origin}/api/accounts", headers=headers)
"""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import flask

from sandbox import http_server
from sandbox.klaviyo import account_pages, interface, oauth, side_doors
from sandbox.klaviyo.accounts import make_account, make_key
from sandbox.klaviyo.api import accounts, consent, events, groups, imports, profiles
from sandbox.klaviyo.call_gate import MAX_BODY_BYTES, CallGate
from sandbox.klaviyo.worker import Worker
from sandbox.klaviyo.world import World, make_world

__all__ = ["StandIn", "World", "create_server", "make_account", "make_key", "make_world"]

_HERE = Path(__file__).parent
_OWN_PAGES = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_ANSWERING = (accounts, consent, events, groups, imports, profiles)
"""The modules whose functions answer operations; importing them is what makes them known."""


def create_server(world: World) -> flask.Flask:
    """Return the stand-in as a WSGI application."""
    app = flask.Flask(__name__, template_folder=str(_HERE / "pages"), static_folder=None)
    app.config["WORLD"] = world
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for blueprint in (interface.bp, oauth.bp, side_doors.bp, account_pages.bp):
        app.register_blueprint(blueprint)
    app.before_request(http_server.own_forms_only)
    app.after_request(lambda answer: http_server.say_about_pages(answer, _OWN_PAGES))
    app.wsgi_app = CallGate(world, app.wsgi_app)  # type: ignore[method-assign,assignment]
    return app


class StandIn:
    """The running stand-in; a context manager, for tests."""

    def __init__(self, world: World, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.world = world
        self._server = http_server.bind(create_server(world), host, port, name="stand-in-for-klaviyo")
        if not world.origin:
            world.origin = f"http://{host}:{self._server.port}"
        self._worker = Worker(world)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(http_server.LOOK_UP_SECONDS,), name="http", daemon=True
        )

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return int(self._server.port)

    def start(self) -> None:
        """Begin to answer and to do jobs."""
        self._worker.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; jobs that are under way go on with the next start."""
        self._server.shutdown()
        self._server.server_close()
        self._worker.stop()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
