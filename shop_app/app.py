"""The web process, put together: behind Shopify's login, or in local mode without one."""

import ipaddress
import logging
import os
from urllib.parse import urlsplit

from flask import Flask

from shop_app import queueing
from shop_app.errors import StartRefusedError
from shop_app.services.reach_vendors import reach_vendors
from shop_app.settings import Settings, ShopifySettings
from shop_app.storage import encryption, engine
from shop_app.web import (
    activity,
    auth,
    bundles,
    bundles_live,
    bundles_rules,
    chosen_shop,
    customers,
    data_health,
    destinations,
    embedded,
    export_links,
    exports,
    fits,
    goals,
    health,
    log_scrubbing,
    metrics,
    movements,
    own_segments,
    privacy,
    progress,
    pushes,
    refusals,
    rendering,
    report,
    rfm,
    security_headers,
    segments,
    sending,
    signed_links,
    webhooks,
)

_LARGEST_FORM_BYTES = 64 * 1024
_PAGES = (
    *(segments, goals, own_segments, fits, rfm, movements, report),
    *(bundles, bundles_live, bundles_rules),
    *(customers, sending, destinations, pushes),
    *(data_health, activity, exports, privacy, progress, signed_links),
)
_OPEN_TO_ALL = (health, metrics, embedded, webhooks, export_links)
"""Each of their routes says why nobody is asked for a session there."""


def create_app(settings: Settings, *, local: bool) -> Flask:
    """Put the web process together; the database is connected and the keys are loaded already.

    Raises
    ------
    StartRefusedError
        Local mode is asked for while ``APP_URL`` says that the app is public, or is the one in Shopify.
    """
    if local and settings.app_url and not _is_beside_stand_in(settings.shopify):
        raise StartRefusedError(
            "APP_URL is set, so this copy is meant to be public, and local mode has no login. "
            "Unset APP_URL to look at it on this machine only."
        )
    reach_vendors(settings)
    app = Flask(
        __name__,
        static_folder=str(rendering.STATIC_FOLDER),
        static_url_path="/static",
        template_folder=str(rendering.TEMPLATE_FOLDER),
    )
    app.config.update(SETTINGS=settings, LOCAL_MODE=local, MAX_CONTENT_LENGTH=_LARGEST_FORM_BYTES)
    rendering.prepare_templates(app)
    security_headers.install(app)
    refusals.install(app)
    auth.install(app)
    app.url_defaults(chosen_shop.keep_picked_shop)
    for pages in (*_OPEN_TO_ALL, *_PAGES):
        app.register_blueprint(pages.bp)
    return app


def create_local_app() -> Flask:
    """Return local mode's app for gunicorn, set up from the environment."""
    return _from_environment(local=True)


def create_hosted_app() -> Flask:
    """Return the app for gunicorn where it is public, set up from the environment."""
    return _from_environment(local=False)


def _is_beside_stand_in(shopify: ShopifySettings | None) -> bool:
    """Tell whether Shopify is played by a program on this machine, and the app is for this machine alone."""
    if shopify is None or shopify.is_real:
        return False
    try:
        return ipaddress.ip_address(urlsplit(shopify.app_url).hostname or "").is_loopback
    except ValueError:
        return False


def _from_environment(*, local: bool) -> Flask:
    settings = Settings.from_env(os.environ)
    if not (settings.database_url and settings.keys and settings.hash_key):
        raise StartRefusedError(
            "DATABASE_URL, KINDRED_KEYS and KINDRED_HASH_KEY must be set for this process. "
            "`kindred up` sets all three where the embedded database is used."
        )
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    log_scrubbing.install()
    if not local and settings.shopify is None:
        raise StartRefusedError(
            "SHOPIFY_API_KEY, SHOPIFY_API_SECRET and APP_URL must be set: without them nobody can log in. "
            "docs/install.md says where to find them; `kindred up` looks at a store on this machine without."
        )
    app = create_app(settings, local=local)
    encryption.load_keys(settings.keys, settings.hash_key)
    engine.connect_patiently(settings.database_url)
    if settings.redis_url:
        queueing.connect(settings.redis_url)
    return app
