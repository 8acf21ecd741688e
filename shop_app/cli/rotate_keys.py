"""`kindred rotate-keys`: seal everything with the newest key."""

import json

import click

from shop_app.cli.session import opened, say


@click.command("rotate-keys")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def command(as_json: bool) -> None:
    """Seal everything with the first key of KINDRED_KEYS, so that the others can be taken away afterwards.

    Put a fresh key (`kindred make-keys`) in front of the ones that are there, restart, run this. It may run
    beside the shop's work; stopped, it goes on where it was. KINDRED_HASH_KEY never changes.
    """
    with opened():
        from shop_app.services.rotate_keys import rotate_keys

        rotated = rotate_keys(tell=lambda table, rows: say(f"{table}: {rows:,} rows sealed anew."))
    counts = {item.table: item.row_count for item in rotated}
    if as_json:
        click.echo(json.dumps({"sealed_anew": counts}))
    elif any(counts.values()):
        click.echo(", ".join(f"{table}: {count:,} rows" for table, count in counts.items()) + " sealed anew.")
    else:
        click.echo("Everything is sealed with the newest key already.")
