"""`kindred destinations`: where labels are sent, whether they arrive, and the switches of each."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.destinations_words import destination_data, print_destinations
from shop_app.cli.goals import WHO
from shop_app.cli.session import opened, say
from shop_app.cli.settings import read_changes
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError, RefusedError

if TYPE_CHECKING:
    from shop_app.destinations.base import Connected, Setting

_DEEDS = ("connect", "check", "on", "pause", "make_again", "disconnect", "stop_all", "resume_all")
_STDIN = "-"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for: one deed at most, and to which destination."""

    deed: str
    kind: str
    values: dict[str, str]
    leave_labels: bool


@click.command("destinations")
@shop_option
@click.option("--connect", metavar="KIND", help="Connect this one, or change its settings: tried, then kept.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="With --connect; repeat it.")
@click.option("--check", metavar="KIND", help="Find out whether it still lets us in.")
@click.option("--on", metavar="KIND", help="Let changes be sent there.")
@click.option("--pause", metavar="KIND", help="Send nothing more there, from the next call on.")
@click.option("--make-again", metavar="KIND", help="Let lists be made again that were deleted there.")
@click.option("--disconnect", metavar="KIND", help="Forget it and its keys.")
@click.option("--leave-labels", is_flag=True, help="With --disconnect: though labels of ours are there.")
@click.option("--stop-all", is_flag=True, help="Send nothing anywhere.")
@click.option("--resume-all", is_flag=True, help="End --stop-all.")
@json_option
def command(shop: str, *, settings: tuple[str, ...], as_json: bool, **wishes: Any) -> None:  # noqa: ANN401 (the options)
    """Show where the shop's labels are sent and whether they arrive there; connect, try, switch on, pause.

    A secret never stands in the command itself, where others on this machine can read it: write
    --set private_key=@FILE, or @- to have it read from standard input, or leave it out to be asked for it.
    What is connected is paused until --on; its first push waits for `kindred push --approve`.
    """
    from shop_app.services.open_shop import get_shop_id

    wish = _wish(wishes, settings)
    with opened():
        shop_id = get_shop_id(shop)
        checked = _do(shop_id, wish)
        told = destination_data(shop_id, now=utc_now())
    if as_json:
        answer = None if checked is None else {"kind": wish.kind, **_checked(checked)}
        print_json({"shop": shop, "checked": answer, **told})
    else:
        print_destinations(told)


def _wish(wishes: dict[str, Any], settings: tuple[str, ...]) -> _Wish:
    deeds = [deed for deed in _DEEDS if wishes[deed]]
    if len(deeds) > 1:
        raise click.UsageError(f"Take one of {', '.join('--' + deed.replace('_', '-') for deed in deeds)}.")
    deed = deeds[0] if deeds else ""
    if settings and deed != "connect":
        raise click.UsageError("--set needs --connect: which destination these settings are for.")
    if wishes["leave_labels"] and deed != "disconnect":
        raise click.UsageError("--leave-labels needs --disconnect.")
    kind = wishes[deed] if deed and not deed.endswith("_all") else ""
    return _Wish(deed, kind, read_changes(settings), wishes["leave_labels"])


def _do(shop_id: int, wish: _Wish) -> "Connected | None":
    """Do what was asked for and say so; return whose account answered where one was asked."""
    from shop_app.services import connect_destination as connecting
    from shop_app.services.push_choices import change_push_choices

    now = utc_now()
    if wish.deed in ("stop_all", "resume_all"):
        stopped = wish.deed == "stop_all"
        change_push_choices(shop_id, {"everything_stopped": stopped}, who=WHO, at=now)
        say("Nothing is sent anywhere now." if stopped else "Destinations that are on are sent to again.")
    if wish.deed == "connect":
        return _connect(shop_id, wish)
    if wish.deed == "check":
        connected = connecting.check_destination(shop_id, wish.kind, at=now)
        _say_account(connected)
        return connected
    if wish.deed == "on":
        connecting.switch_on(shop_id, wish.kind, who=WHO, at=now)
        say("It is on. `kindred push --dry-run` shows what would be sent.")
    if wish.deed == "pause":
        connecting.pause(shop_id, wish.kind, reason="You paused it.", who=WHO, at=now)
        say("It is paused: nothing more is sent there.")
    if wish.deed == "make_again":
        _make_again(shop_id, wish.kind)
    if wish.deed == "disconnect":
        _disconnect(shop_id, wish)
    return None


def _make_again(shop_id: int, kind: str) -> None:
    from shop_app.services.push_groups import make_groups_again

    count = make_groups_again(shop_id, kind, who=WHO, at=utc_now())
    say(f"{count:,} of ours that were deleted there are made again with the next push.")


def _connect(shop_id: int, wish: _Wish) -> "Connected":
    from shop_app.services import connect_destination as connecting

    kept = connecting.read_destination(shop_id, wish.kind)
    known = {setting.name: setting for setting in kept.kind.schema}
    values = {name: _read(known.get(name), name, value) for name, value in wish.values.items()}
    for name, setting in known.items():
        if setting.kind == "secret" and setting.required and name not in values and not kept.values[name]:
            values[name] = _asked(setting)
    now_kept, connected = connecting.save_destination(shop_id, wish.kind, values, who=WHO, at=utc_now())
    _say_account(connected)
    if now_kept.stored is not None and not now_kept.stored.is_on:
        say(f"It is paused; `kindred destinations --on {wish.kind}` lets changes be sent.")
    return connected


def _read(setting: "Setting | None", name: str, value: str) -> str:
    """Return a setting's value; a secret is read from a file, for command lines can be read by others."""
    if setting is None or setting.kind != "secret" or not value:
        return value
    if not value.startswith("@"):
        raise InvalidInputError(
            f"{name} is a secret, and others on this machine can read command lines. Put it into a file and "
            f"write --set {name}=@FILE, or leave it out to be asked for it.",
            field=name,
        )
    if value[1:] == _STDIN:
        return sys.stdin.readline().strip()
    try:
        return Path(value[1:]).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise InvalidInputError(f"{value[1:]}: the file is not UTF-8 text.", field=name) from None


def _asked(setting: "Setting") -> str:
    if not sys.stdin.isatty():
        raise InvalidInputError(
            f"“{setting.label}” is missing: write --set {setting.name}=@FILE with a file that holds it.",
            field=setting.name,
        )
    return str(click.prompt(setting.label, hide_input=True, err=True))


def _disconnect(shop_id: int, wish: _Wish) -> None:
    from shop_app.services.connect_destination import disconnect
    from shop_app.services.holds_labels import holds_labels

    if not wish.leave_labels and holds_labels(shop_id, wish.kind):
        raise RefusedError(
            "Labels of ours are there, and once it is disconnected they can be taken back no more. "
            f"`kindred push --clean-up {wish.kind}` takes them back; --leave-labels leaves them."
        )
    disconnect(shop_id, wish.kind, who=WHO, at=utc_now())
    say("It is disconnected, and its keys are forgotten.")


def _say_account(connected: "Connected") -> None:
    say(f"It answers as {connected.account_name}.")
    for warning in connected.warnings:
        say(warning)


def _checked(connected: "Connected") -> dict[str, Any]:
    return {
        "account_id": connected.account_id,
        "account_name": connected.account_name,
        "warnings": list(connected.warnings),
    }
