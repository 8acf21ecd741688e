"""``python -m sandbox.shopify``: run the stand-in until it is told to stop."""

import logging
import os
import shutil
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path

import click

from sandbox.shopify.app_config import Registration, read_registration
from sandbox.shopify.graph.engine import admin_schema
from sandbox.shopify.loading import SAMPLE_SHOP, load_if_empty
from sandbox.shopify.opening import open_until_answered
from sandbox.shopify.server import StandIn
from sandbox.shopify.state import State
from sandbox.shopify.world import World

_TOML = Path(__file__).parents[2] / "shopify.app.toml"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8100, show_default=True, help="Port to listen on."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--origin", default="", help="How browsers and the app reach the stand-in, if not by host and port."
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File that holds the stores.",
)
@click.option("--fresh", is_flag=True, help="Begin with new stores: throw the file away first.")
@click.option("--app-url", required=True, envvar="SANDBOX_APP_URL", help="Where the app under test answers.")
@click.option("--client-id", required=True, envvar="SANDBOX_CLIENT_ID", help="The app's client id.")
@click.option("--client-secret", required=True, envvar="SANDBOX_CLIENT_SECRET", help="The app's secret.")
@click.option(
    "--old-client-secret", envvar="SANDBOX_OLD_CLIENT_SECRET", help="The one before, while both count."
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    default=_TOML,
    help="The app's shopify.app.toml.",
)
@click.option(
    "--granted-scope",
    "granted",
    multiple=True,
    help="A scope beside those of the file: granted on request, as read_all_orders is.",
)
@click.option(
    "--customers", type=click.IntRange(0), default=5000, show_default=True, help="Size of the sample."
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The sample's last day; yesterday by default.")
@click.option("--open", "opens", is_flag=True, help="Open the app for the sample store, until it answers.")
@click.option(
    "--time-scale",
    type=click.FloatRange(0),
    default=0.001,
    show_default=True,
    help="What long waits shrink to.",
)
def main(  # noqa: PLR0913 (a command's options are its parameters)
    *,
    port: int,
    host: str,
    origin: str,
    state: Path,
    fresh: bool,
    app_url: str,
    client_id: str,
    client_secret: str,
    old_client_secret: str | None,
    config: Path,
    granted: tuple[str, ...],
    customers: int,
    until: datetime | None,
    opens: bool,
    time_scale: float,
) -> None:
    """Stand in for Shopify: its admin, its interface and its webhooks, for one app and two stores.

    Secrets are better given as SANDBOX_CLIENT_SECRET than as an argument, which others can see.
    """
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    registration = read_registration(
        config,
        app_url=app_url,
        client_id=client_id,
        client_secret=client_secret,
        old_client_secret=old_client_secret,
        extra_scopes=granted,
    )
    if fresh:
        throw_away(state)
    world = _make_world(state, registration, origin, time_scale)
    load_if_empty(world, customers=customers, until=until.date() if until else None, say=_say)
    _run(world, host, port, opens=opens)


def throw_away(state: Path) -> None:
    """Remove the file of stores and all that lies beside it: its log, bulk files, uploads."""
    beside = [*state.parent.glob(f"{state.name}*"), state.with_name(f"{state.stem}-bulk")]
    for path in beside:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _make_world(state: Path, registration: Registration, origin: str, time_scale: float) -> World:
    state.parent.mkdir(parents=True, exist_ok=True)
    settings = registration.settings | {"time_scale": time_scale}
    return World(State(state), registration.app, origin.rstrip("/"), settings=settings)


def _run(world: World, host: str, port: int, *, opens: bool) -> None:
    """Answer until a signal says stop."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    admin_schema()  # built before the first call, which would have to wait for it
    try:
        stand_in = StandIn(world, host=host, port=port)
    except (OSError, SystemExit) as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}. Is another stand-in running?") from error
    stand_in.start()
    _say(f"Stand-in for Shopify: {world.origin}/")
    if opens:
        threading.Thread(target=_open, args=(world, stopped), daemon=True).start()
    stopped.wait()
    stand_in.stop()
    sys.stderr.flush()
    os._exit(0)  # requests under way (a fault may hold them for a minute) are not waited for


def _open(world: World, stopped: threading.Event) -> None:
    if open_until_answered(world, SAMPLE_SHOP, stopped):
        _say(f"The app is open in {SAMPLE_SHOP}.")


def _say(words: str) -> None:
    click.echo(words, err=True)


if __name__ == "__main__":
    main()
