"""From a page object to a response: templates see ``page`` and nothing else."""

from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, current_app, g, url_for
from jinja2 import StrictUndefined

from shop_app.shopify.config import current as current_shopify
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.connection_notices import connection_notices
from shop_app.web.navigation import HOME, name_above, places, places_below
from shop_app.web.pages import Bridge, Frame, Option

STATIC_FOLDER = Path(__file__).parent / "static"
TEMPLATE_FOLDER = Path(__file__).parents[2] / "templates"

_MOST_SHOPS = 50
"""To pick from on this machine: a page stays small however many there are."""
_COMPONENTS = tuple(f"polaris/{part}.js" for part in ("element", "structure", "actions", "fields", "choices"))


def prepare_templates(app: Flask) -> None:
    """Make a missing name an error, and take away all that Flask would offer beside the page."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    for name in ("url_for", "get_flashed_messages", "config", "request", "session", "g"):
        environment.globals.pop(name, None)
    app.config["ASSET_VERSION"] = _asset_version()


def render(template: str, page: object, status: int = 200) -> Response:
    """Write a page into its template."""
    html = current_app.jinja_env.get_template(template).render(page=page)
    return Response(html, status, mimetype="text/html")


def _pickable(shop: ChosenShop) -> tuple[Option, ...]:
    """Return the newest shops to pick from, this one among them: any other is reached by its address."""
    newest = shop.domains[-_MOST_SHOPS:]
    shown = newest if shop.domain in newest else (shop.domain, *newest)
    return tuple(Option(domain, domain, domain == shop.domain) for domain in shown)


def build_frame(title: str, shop: ChosenShop | None, current: str = "") -> Frame:
    """Return what stands around a page; without a shop there is nowhere to go but home."""
    return Frame(
        title=f"{title} \u00b7 {shop.title} \u00b7 Kindred" if shop else f"{title} \u00b7 Kindred",
        shop_title=shop.title if shop else "",
        navigation=places(current) if shop else (),
        navigation_below=places_below(current) if shop else (),
        place=name_above(current),
        shops=_pickable(shop) if shop and len(shop.domains) > 1 else (),
        home_url=url_for(HOME) if shop else "/",
        style_url=_asset("app.css"),
        icon_url=_asset("icon.svg"),
        component_urls=tuple(_asset(name) for name in _COMPONENTS),
        script_url=_asset("app.js"),
        bridge=bridge() if "frame_shop" in g else None,
        notices=connection_notices(shop.connection, shop.domain) if shop else (),
    )


def bridge() -> Bridge:
    """Return App Bridge for a page in the admin's frame; a stand-in has no Polaris of its own."""
    shopify = current_shopify()
    polaris = (f"{shopify.cdn_origin}/shopifycloud/polaris.js",) if shopify.is_real else ()
    return Bridge(shopify.api_key, f"{shopify.cdn_origin}/shopifycloud/app-bridge.js", polaris)


def failure_frame(title: str) -> Frame:
    """Return the frame of a page that must not touch the database again."""
    return build_frame(title, g.get("chosen_shop"))


def _asset(name: str) -> str:
    return url_for("static", filename=name, v=current_app.config["ASSET_VERSION"])


def _asset_version() -> str:
    """Return a mark of all static files together: a new version is a new address, so caches never lie."""
    digest = sha256()
    for path in sorted(STATIC_FOLDER.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
