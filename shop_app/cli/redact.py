"""`kindred redact`: erase one person by hand, or everything that was erased before a backup was restored."""

from typing import TYPE_CHECKING

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json
from shop_app.clock import utc_now

if TYPE_CHECKING:
    from shop_app.services.replay_erasures import Replayed
    from shop_app.storage.privacy_requests import PrivacyRequest


@click.command("redact")
@click.argument("shop", required=False)
@click.argument("customer", required=False)
@click.option(
    "--replay", is_flag=True, help="Erase again all that the ledger of erasures has, after a restore."
)
@json_option
def command(shop: str | None, customer: str | None, replay: bool, as_json: bool) -> None:
    """Erase one CUSTOMER of a SHOP from every place, and search again to prove it. It cannot be undone.

    CUSTOMER is an e-mail address, an id, a Shopify gid, or whatever else `kindred customer` takes. The person
    is remembered by keyed hashes, so that no later webhook, file or backfill brings them back.

    After a backup was restored, run `kindred redact --replay` before anything else: it applies
    KINDRED_HOME/erasures.jsonl again, for every shop.
    """
    if replay and (shop or customer):
        raise click.UsageError("--replay is for every shop and takes no other words.")
    if not replay and not (shop and customer):
        raise click.UsageError("Say whom to erase: kindred redact SHOP CUSTOMER. Or --replay.")
    if replay:
        _replay(as_json=as_json)
    else:
        _redact(shop or "", customer or "", as_json=as_json)


def _redact(shop: str, customer: str, *, as_json: bool) -> None:
    from shop_app.services import spool
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.redact_by_hand import redact_by_hand

    with opened() as settings:
        spool.use(settings.home)
        done = redact_by_hand(get_shop_id(shop), customer, now=utc_now())
    if as_json:
        print_json({"shop": shop, **_outcome(done)})
        return
    click.echo(done.outcome)
    for store, count in sorted(done.stores.items()):
        click.echo(f"  {store}: {count:,}")
    if done.state == "open":
        click.echo("The worker goes on with it by itself; `kindred up` or the Procfile's worker has to run.")


def _outcome(done: "PrivacyRequest") -> dict[str, object]:
    return {
        "request_id": done.id,
        "state": done.state,
        "outcome": done.outcome,
        "received_at": done.received_at,
        "done_at": done.done_at,
        "stores": done.stores,
    }


def _replay(*, as_json: bool) -> None:
    from shop_app.services.replay_erasures import replay_erasures

    with opened():
        replayed, unreadable = replay_erasures(now=utc_now())
    if as_json:
        print_json(
            {
                "unreadable_lines": unreadable,
                "shops": [
                    {
                        "shop": each.shop_domain,
                        "is_known": each.is_known,
                        "erasure_count": each.erasure_count,
                        "stores": each.stores,
                    }
                    for each in replayed
                ],
            }
        )
        return
    for each in replayed:
        click.echo(_words(each))
    if not replayed:
        click.echo("The ledger of erasures is empty: nothing was ever erased here.")
    if unreadable:
        click.echo(f"{unreadable:,} lines of the ledger cannot be read; a crash cut them off.", err=True)


def _words(each: "Replayed") -> str:
    if not each.is_known:
        return f"{each.shop_domain}: not in this database."
    found = ", ".join(f"{count:,} {store}" for store, count in sorted(each.stores.items()))
    return f"{each.shop_domain}: {each.erasure_count:,} erasures, {found or 'nothing was left of them'}."
