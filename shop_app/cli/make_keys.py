"""`kindred make-keys`: a fresh pair of encryption keys, printed as settings."""

import json

import click


@click.command("make-keys")
@click.option("--json", "as_json", is_flag=True, help="Print the keys as JSON.")
def command(as_json: bool) -> None:
    """Print a fresh KINDRED_KEYS and KINDRED_HASH_KEY.

    Keep both: without the first nobody can read the stored names and addresses again, and without the
    second nobody can find a customer by address.
    """
    from shop_app.storage.encryption import new_key

    keys = {"KINDRED_KEYS": new_key(), "KINDRED_HASH_KEY": new_key()}
    click.echo(json.dumps(keys) if as_json else "\n".join(f"{name}={key}" for name, key in keys.items()))
