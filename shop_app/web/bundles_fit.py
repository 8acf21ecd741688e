"""Which bundles fit a segment, for its page: a few of what could be offered to it, and what is."""

from flask import url_for

from shop_app.services.bundle_words import STATES
from shop_app.services.describe_bundles import list_candidates
from shop_app.services.describe_offers import list_offers
from shop_app.web.bundles_pages import Fit
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.pages import Link

_MOST = 3
_UNDER_WAY = ("draft", "approved", "live", "paused")


def bundles_that_fit(shop: ChosenShop, slug: str) -> Fit | None:
    """Return the bundles for a segment and the best candidates for it, ``None`` where there are neither."""
    offers = list_offers(shop.id, states=_UNDER_WAY, segment=slug)[:_MOST]
    candidates = list_candidates(shop.id, segment=slug, limit=_MOST)
    if not offers and not candidates:
        return None
    return Fit(
        rows=(
            *(
                (Link(each.title, url_for("bundles_live.show", bundle_id=each.id)), STATES[each.state])
                for each in offers
            ),
            *(
                (
                    Link(each.title, url_for("bundles.candidate", key=each.key, segment=each.segment)),
                    f"{shop.formats.money(each.extra_margin)} more margin expected in 90 days",
                )
                for each in candidates
            ),
        ),
        every=Link("All candidates for it", url_for("bundles.index", segment=slug)),
    )
