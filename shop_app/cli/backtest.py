"""`kindred backtest`: the report card of a shop's predictions, worked out on its own past."""

from datetime import datetime

import click

from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError


@click.command("backtest")
@shop_option
@click.option("--as-of", "day", type=click.DateTime(["%Y-%m-%d"]), help="Know nothing from after this day.")
@json_option
def command(shop: str, day: datetime | None, as_json: bool) -> None:
    """Test the predictions on the shop's own past, and say which of them are good enough to be shown.

    At several moments of the past everything is learned from what was known then and held against what came.
    Nothing is stored; `kindred fit` does the same and keeps the report.
    """
    from shop_app.segments.predictions.model import fit_predictions
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.read_history import read_history
    from shop_app.storage import shop_settings
    from shop_app.storage.engine import transaction

    with opened():
        shop_id = get_shop_id(shop)
        as_of = _moment(shop_id, day)
        with transaction(shop_id) as connection:
            settings = shop_settings.read(connection)
        say("Reading every order.")
        history = read_history(shop_id, settings, as_of=as_of)
    say("Testing on the past.")
    predictions = fit_predictions(history, as_of=as_of)
    outcome = {"shop": shop, "as_of": as_of, "published": dict(predictions.published), **predictions.report}
    if as_json:
        print_json(outcome)
    else:
        from shop_app.cli.backtest_words import print_report
        from shop_app.web.formats import Formats

        print_report(outcome, Formats(settings.currency, settings.timezone))


def _moment(shop_id: int, day: datetime | None) -> datetime:
    from shop_app.services.shop_clock import default_as_of, end_of_shop_day

    newest = default_as_of(shop_id, utc_now())
    if day is None:
        return newest
    asked = end_of_shop_day(shop_id, day.date())
    if asked > newest:
        raise InvalidInputError(f"--as-of: nothing is known of after {newest:%Y-%m-%d} yet.", field="as_of")
    return asked
