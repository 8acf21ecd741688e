"""`kindred down`: stop what runs, and what an earlier run left behind."""

import json
import os

import click

from shop_app.cli.session import say
from shop_app.embedded import servers, supervisor
from shop_app.embedded.home import Home
from shop_app.settings import Settings


@click.command("down")
@click.option("--json", "as_json", is_flag=True, help="Print what was stopped as JSON.")
def command(as_json: bool) -> None:
    """Stop `kindred up`, and whatever an earlier run left behind.

    A server that another kindred command is using goes on until that command is done.
    """
    home = servers.home_of(Settings.from_env(os.environ))
    stopped = _stop(home) if home.run.is_dir() else []
    if as_json:
        click.echo(json.dumps({"stopped": stopped}))
    else:
        click.echo(f"Stopped: {', '.join(stopped)}." if stopped else f"Nothing runs from {home.root}.")


def _stop(home: Home) -> list[str]:
    """Stop what runs from the outside in, and return the names."""
    stopped = ["kindred up"] if supervisor.stop_other(home) else []
    stopped += supervisor.stop_leftovers(home)
    return stopped + servers.stop_unused(home, say=say)
