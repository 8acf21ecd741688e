"""Which shop a request is about: that of the caller's token; in local mode the one picked by ``?shop=``.

Where none is picked there it is the stand-in's sample store, else the first.
"""

from dataclasses import dataclass, field

from flask import g, request

from shop_app.embedded.stand_in import SAMPLE_SHOP
from shop_app.errors import KindredError, NotFoundError
from shop_app.storage import connections, shop_settings, shops
from shop_app.storage.connections import ConnectionState
from shop_app.storage.engine import shopless, transaction
from shop_app.web.callers import caller
from shop_app.web.formats import Formats


class NoShopYetError(KindredError):
    """There is not a single shop to show."""


@dataclass(frozen=True, slots=True)
class ChosenShop:
    """The shop of this request, and the domains that one may pick from."""

    id: int
    domain: str
    title: str
    source: str
    vocabulary: str
    formats: Formats
    domains: tuple[str, ...]
    connection: ConnectionState = field(default_factory=lambda: ConnectionState(""))


def chosen_shop() -> ChosenShop:
    """Return this request's shop; a picked one is kept in every link of the page."""
    if "chosen_shop" not in g:
        asking = caller()
        g.chosen_shop = (
            _choose(request.args.get("shop"))
            if asking is None
            else _read(asking.shop_id, asking.shop_domain, (asking.shop_domain,))
        )
    chosen: ChosenShop = g.chosen_shop
    return chosen


def keep_picked_shop(endpoint: str, values: dict[str, object]) -> None:
    """Carry the picked shop into a link of ours (Flask calls this for every one that is built)."""
    if "picked_shop" in g and endpoint != "static":
        values.setdefault("shop", g.picked_shop)


def _choose(picked: str | None) -> ChosenShop:
    with shopless() as connection:
        ids = {domain: shop_id for shop_id, domain in shops.list_active(connection)}
    if not ids:
        raise NoShopYetError("There is no shop yet.")
    if picked is not None and picked not in ids:
        raise NotFoundError(f"shop: there is no shop called {picked}. Choose one of: {', '.join(ids)}.")
    if picked is not None:
        g.picked_shop = picked
    domain = picked or (SAMPLE_SHOP if SAMPLE_SHOP in ids else next(iter(ids)))
    return _read(ids[domain], domain, tuple(ids))


def _read(shop_id: int, domain: str, domains: tuple[str, ...]) -> ChosenShop:
    with transaction(shop_id) as connection:
        settings = shop_settings.read(connection)
        state = connections.read_state(connection)
    return ChosenShop(
        id=shop_id,
        domain=domain,
        title=settings.title,
        source=settings.source,
        vocabulary=settings.vocabulary,
        formats=Formats(settings.currency, settings.timezone),
        domains=domains,
        connection=state,
    )
