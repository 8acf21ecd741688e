"""What foreign money is worth in the shop's own, said along with a file that holds some."""

from collections.abc import Mapping

from shop_app.errors import InvalidInputError
from shop_app.segments.ledger import LedgerRules
from shop_app.services.measure_people import rules_of
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction


def set_rates(shop_id: int, rates: Mapping[str, str]) -> None:
    """Add rates (``{"USD": "0.92"}``: one unit in the shop's currency) to the ones that are known.

    Labels do not follow by themselves; the caller renews the shop.
    """
    with transaction(shop_id) as connection:
        rules = rules_of(shop_settings.read(connection)).to_json()
        rules["rates"] = {**rules["rates"], **rates}
        shop_settings.write_ledger_rules(connection, checked_rules(rules).to_json())


def checked_rules(rules: Mapping[str, object]) -> LedgerRules:
    """Return the rules, or refuse a rate that is none with a sentence."""
    try:
        return LedgerRules.from_json(rules)
    except ValueError as error:
        raise InvalidInputError(f"--rate: {error}. Write --rate USD=0.92.", field="rate") from None
