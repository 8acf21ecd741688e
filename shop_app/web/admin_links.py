"""Links from our pages to the Shopify admin's own."""

from shop_app.shopify import config
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.pages import Link


def customer_in_admin(shop: ChosenShop, shopify_id: int | None, *, is_framed: bool) -> Link | None:
    """Return the way to a customer's page there; ``None`` for who is not known there.

    In the admin's frame App Bridge goes there (``shopify://``), elsewhere a window of its own opens.
    """
    if shop.source != "shopify" or shopify_id is None or not config.is_configured():
        return None
    path = f"/customers/{shopify_id}"
    if is_framed:
        return Link("Open in Shopify", f"shopify://admin{path}", target="_top")
    store = shop.domain.removesuffix(".myshopify.com")
    return Link("Open in Shopify", f"{config.current().admin_web_origin}/store/{store}{path}", target="_blank")
