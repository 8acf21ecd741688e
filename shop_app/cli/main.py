"""`kindred …`: the list of commands, and how each of them ends."""

import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NamedTuple, NoReturn

import click

from shop_app.errors import KindredError

_DONE, _REFUSED, _INTERRUPTED = 0, 1, 130


class _Entry(NamedTuple):
    """Where a command is written, and what it is for; the file is read when the command is called."""

    module: str
    attribute: str
    purpose: str


_COMMANDS = {
    "up": _Entry("up", "command", "Run everything here: database, pages, worker. Ctrl-C stops it."),
    "down": _Entry("down", "command", "Stop whatever an earlier run left behind."),
    "import": _Entry("import_file", "command", "Take in a file of orders or customers."),
    "connect": _Entry("connect", "command", "Connect a store to the app of its own organisation."),
    "backfill": _Entry("backfill", "command", "Show how far a store's history is read, or read it again."),
    "segments": _Entry("segments", "command", "Show a shop's segments."),
    "moves": _Entry("moves", "command", "Show who moved from which segment to which between two days."),
    "customer": _Entry("customer", "command", "Show what is known of one customer."),
    "export": _Entry("export", "command", "Write out customers, segments, predictions, the playbook."),
    "export-files": _Entry("export_files", "command", "Have tables written to a folder daily or weekly."),
    "refresh": _Entry("refresh", "command", "Compute every customer of a shop anew."),
    "fit": _Entry("fit", "command", "Learn a shop anew: marks, predictions, groups."),
    "approve": _Entry(
        "approve", "command", "Let learned groups that wait go live, or go back to earlier ones."
    ),
    "goals": _Entry("goals", "command", "Show or choose what the groups are wanted for."),
    "rules": _Entry("rules", "command", "Show segments of your own, or take them in from a file."),
    "destinations": _Entry("destinations", "command", "Show, connect, switch where labels are sent."),
    "push": _Entry("push", "command", "Show, approve, send and take back what goes to destinations."),
    "bundles": _Entry(
        "bundles", "command", "Show what sells together, and make, approve, retire offers of it."
    ),
    "backtest": _Entry("backtest", "command", "Test the predictions on the shop's own past."),
    "split": _Entry("people", "split", "Keep a customer apart from the person it was taken for."),
    "merge": _Entry("people", "merge", "Let a customer that was split off join its person again."),
    "redact": _Entry("redact", "command", "Erase a person, or all the erased again after a restore."),
    "settings": _Entry("settings", "command", "Show or set which orders count, and the groups' names."),
    "webhooks": _Entry("webhooks", "command", "Show what Shopify has told, and replay what got stuck."),
    "doctor": _Entry("doctor", "command", "Check that everything needed is there and answers."),
    "migrate": _Entry("migrate", "command", "Bring the database's tables to the newest shape."),
    "make-keys": _Entry("make_keys", "command", "Print a fresh pair of encryption keys."),
    "rotate-keys": _Entry("rotate_keys", "command", "Seal everything with the newest key."),
}


class _Commands(click.Group):
    """Commands that are loaded when they are called, so that each starts as fast as it can."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the names in the order in which they are shown."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        """Load one command."""
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(
            importlib.import_module(f"shop_app.cli.{entry.module}"), entry.attribute
        )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's)
        """Write the list without loading a single command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.purpose) for name, entry in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kindred", prog_name="kindred")
def cli() -> None:
    """Find the customer segments of a Shopify store, on your own machine.

    Settings come from the environment; `kindred doctor` says what is amiss.
    """


def main() -> NoReturn:
    """Run one command; end with 0 done, 1 refused with a reason, 2 wrong usage, 130 interrupted."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants to be left alone
            signal.signal(number, _end)
    sys.exit(outcome())


def outcome(arguments: Sequence[str] | None = None) -> int:
    """Run one command (by default the one this program was called with) and return its exit code."""
    try:
        answer = cli.main(arguments, prog_name="kindred", standalone_mode=False)
    except click.Abort:
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:
        words = _foreseen(error)
        if words is None:
            raise
        click.echo(words, err=True)
        return _REFUSED
    return answer if isinstance(answer, int) else _DONE


def _foreseen(error: Exception) -> str | None:
    """Return what to say about an error that can happen to anybody, or ``None`` for a fault of ours."""
    if isinstance(error, KindredError):
        return str(error)
    if isinstance(error, BrokenPipeError) or getattr(error, "errno", None) == errno.EPIPE:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read us has left
        return ""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'The operating system'}: {error.strerror}."
    return _foreseen_of_database(error)


def _foreseen_of_database(error: Exception) -> str | None:
    """Tell a database that went away from a wrong statement of ours, by name: SQL lives in storage."""
    cause = getattr(error, "orig", None) or error
    names = {kind.__name__ for kind in (*type(error).__mro__, *type(cause).__mro__)}
    first_line = (str(cause).splitlines() or [""])[0]
    if "InsufficientPrivilege" in names:
        return f"The database refuses its role this ({first_line}); `kindred migrate` grants what it needs."
    if "OperationalError" in names:
        return f"The database stopped in the middle: {first_line}. What was not finished was not written."
    return None


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """End as if the command had come to its end, so that everything is put away."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
