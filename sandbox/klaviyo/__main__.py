"""``python -m sandbox.klaviyo``: run the stand-in until it is told to stop."""

import logging
import os
import signal
import sys
import threading
from pathlib import Path

import click

from sandbox.klaviyo.accounts import find_key, make_account, make_key
from sandbox.klaviyo.sample_account import load_when_answered
from sandbox.klaviyo.server import StandIn
from sandbox.klaviyo.world import World, make_world

ACCOUNT, OTHER_ACCOUNT = "Thistle & Quire", "Quiet Corner"
READY_KEY = "Ready-made key"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8200, show_default=True, help="Port to listen on."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--origin", default="", help="How the app reaches the stand-in, if not by host and port.")
@click.option(
    "--state", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File of the accounts."
)
@click.option("--fresh", is_flag=True, help="Begin with new accounts: throw the file away first.")
@click.option(
    "--key", envvar="SANDBOX_KLAVIYO_KEY", default="", help="A private key to the first account; pk_ and more."
)
@click.option("--shopify-origin", default="", help="A stand-in for Shopify, whose customers are the sample.")
@click.option(
    "--shop", default="thistle-and-quire.myshopify.com", show_default=True, help="Which of its stores."
)
@click.option(
    "--time-scale",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="What waits shrink to: rate windows, queues, the pace of jobs.",
)
def main(  # noqa: PLR0913 (a command's options are its parameters)
    *,
    port: int,
    host: str,
    origin: str,
    state: Path,
    fresh: bool,
    key: str,
    shopify_origin: str,
    shop: str,
    time_scale: float,
) -> None:
    """Stand in for Klaviyo: two accounts, with the interface under /api and pages under /.

    The key is better given as SANDBOX_KLAVIYO_KEY than as an argument, which others can see.
    """
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if fresh:
        for path in state.parent.glob(f"{state.name}*"):
            path.unlink()
    world = make_world(state, origin=origin, time_scale=time_scale)
    account = _open_accounts(world, key)
    stopped = threading.Event()
    if shopify_origin:
        threading.Thread(
            target=load_when_answered,
            args=(world, account),
            kwargs={"origin": shopify_origin.rstrip("/"), "shop": shop, "stopped": stopped, "say": _say},
            daemon=True,
        ).start()
    _run(world, host, port, stopped)


def _open_accounts(world: World, secret: str) -> str:
    """Open both accounts, with the key to the first; return its id."""
    first: str = make_account(world, ACCOUNT)["id"]
    make_account(world, OTHER_ACCOUNT)
    if secret and find_key(world, secret) is None:
        make_key(world, first, secret=secret, name=READY_KEY)
    return first


def _run(world: World, host: str, port: int, stopped: threading.Event) -> None:
    """Answer until a signal says stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        stand_in = StandIn(world, host=host, port=port)
    except (OSError, SystemExit) as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}. Is another stand-in running?") from error
    stand_in.start()
    _say(f"Stand-in for Klaviyo: {world.origin}/")
    stopped.wait()
    stand_in.stop()
    sys.stderr.flush()
    os._exit(0)  # requests under way (a fault may hold them for a minute) are not waited for


def _say(words: str) -> None:
    click.echo(words, err=True)


if __name__ == "__main__":
    main()
