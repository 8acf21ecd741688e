"""What a shop is set to: its title, money, clock, source, and the merchant's choices."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from shop_app.errors import NotFoundError

UNKNOWN_CURRENCY = "XXX"
"""ISO 4217's code for no currency: amounts are shown as plain numbers until somebody says which."""


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """One shop's settings; ``ledger_rules`` is the JSON that the ledger's rules are read from.

    ``segmentation`` holds what the merchant has chosen for segments, ``activation`` what for sending labels,
    ``bundles`` what for offers, as plain values.
    """

    title: str
    currency: str
    timezone: str
    source: str
    vocabulary: str
    ledger_rules: dict[str, object]
    segmentation: dict[str, object]
    activation: dict[str, object]
    bundles: dict[str, object]


def read(connection: Connection) -> ShopSettings:
    """Return the settings of the transaction's shop."""
    row = connection.execute(
        text("""
            SELECT title, currency, timezone, source, vocabulary, ledger_rules, segmentation, activation,
                   bundles
            FROM shop_settings""")
    ).one_or_none()
    if row is None:
        raise NotFoundError("This shop has no settings.")
    return ShopSettings(*row)


def create(
    connection: Connection, shop_id: int, *, title: str, currency: str, timezone: str, source: str
) -> None:
    """Give a new shop its settings."""
    connection.execute(
        text(
            "INSERT INTO shop_settings (shop_id, title, currency, timezone, source) "
            "VALUES (:shop_id, :title, :currency, :timezone, :source)"
        ),
        {"shop_id": shop_id, "title": title, "currency": currency, "timezone": timezone, "source": source},
    )


def write_currency(connection: Connection, currency: str) -> None:
    """Set the currency that the shop's figures are in."""
    connection.execute(text("UPDATE shop_settings SET currency = :currency"), {"currency": currency})


def write_vocabulary(connection: Connection, name: str) -> None:
    """Set by which names the groups are called."""
    connection.execute(text("UPDATE shop_settings SET vocabulary = :name"), {"name": name})


def write_ledger_rules(connection: Connection, rules: dict[str, object]) -> None:
    """Set which orders count."""
    connection.execute(
        text("UPDATE shop_settings SET ledger_rules = CAST(:rules AS jsonb)"), {"rules": json.dumps(rules)}
    )


def write_segmentation(connection: Connection, choices: Mapping[str, object]) -> None:
    """Set what the merchant has chosen for segments."""
    connection.execute(
        text("UPDATE shop_settings SET segmentation = CAST(:choices AS jsonb)"),
        {"choices": json.dumps(choices)},
    )


def write_activation(connection: Connection, choices: Mapping[str, object]) -> None:
    """Set what the merchant has chosen for sending labels."""
    connection.execute(
        text("UPDATE shop_settings SET activation = CAST(:choices AS jsonb)"),
        {"choices": json.dumps(choices)},
    )


def write_bundles(connection: Connection, choices: Mapping[str, object]) -> None:
    """Set what the merchant has chosen for offers."""
    connection.execute(
        text("UPDATE shop_settings SET bundles = CAST(:choices AS jsonb)"), {"choices": json.dumps(choices)}
    )


def write_source(connection: Connection, source: str) -> bool:
    """Set where the shop's facts come from, ``file`` or ``shopify``; return whether it has settings at all."""
    written = connection.execute(text("UPDATE shop_settings SET source = :source"), {"source": source})
    return written.rowcount > 0


def write_from_shopify(connection: Connection, *, title: str, currency: str, timezone: str) -> None:
    """Set what the shop itself says in Shopify: its name, its money and its clock."""
    connection.execute(
        text("UPDATE shop_settings SET title = :title, currency = :currency, timezone = :timezone"),
        {"title": title, "currency": currency, "timezone": timezone},
    )
