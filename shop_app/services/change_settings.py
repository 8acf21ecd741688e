"""All that a merchant may set, by name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shop_app.services.choose_vocabulary import check_vocabulary, choose_vocabulary
from shop_app.services.measure_people import rules_of
from shop_app.services.set_ledger_rules import set_ledger_rules
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction


def change_settings(shop_id: int, wished: Mapping[str, str], *, as_of: datetime) -> None:
    """Change the vocabulary and the ledger's switches, and bring every label up to date.

    Raises
    ------
    InvalidInputError
        There is no such setting, or its value is of another kind; nothing is changed then.
    """
    rules = {name: value for name, value in wished.items() if name != "vocabulary"}
    vocabulary = wished.get("vocabulary")
    if vocabulary is not None:
        check_vocabulary(vocabulary)
    if rules:
        set_ledger_rules(shop_id, rules, as_of=as_of)
    if vocabulary is not None:
        choose_vocabulary(shop_id, vocabulary, as_of=as_of)


def read_settings(shop_id: int) -> dict[str, Any]:
    """Return every setting by name, the ones that only an import sets among them."""
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
    fixed = {name: getattr(shop, name) for name in ("title", "currency", "timezone", "source", "vocabulary")}
    return fixed | rules_of(shop).to_json()
