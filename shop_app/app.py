"""The web process, put together: local mode without a login, or the few pages that need none."""

import logging
import os

from flask import Flask

from shop_app import queueing
from shop_app.errors import StartRefusedError
from shop_app.settings import Settings
from shop_app.storage import encryption, engine
from shop_app.web import (
    chosen_shop,
    customers,
    data_health,
    exports,
    health,
    local_mode,
    metrics,
    no_login_yet,
    refusals,
    rendering,
    security_headers,
    segments,
)

_LARGEST_FORM_BYTES = 64 * 1024


def create_app(settings: Settings, *, local: bool) -> Flask:
    """Put the web process together; the database is connected and the keys are loaded already.

    Raises
    ------
    StartRefusedError
        Local mode is asked for while ``APP_URL`` says that the app is public.
    """
    if local and settings.app_url:
        raise StartRefusedError(
            "APP_URL is set, so this copy is meant to be public, and local mode has no login. "
            "Unset APP_URL to look at it on this machine only."
        )
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
    app.register_blueprint(health.bp)
    app.register_blueprint(metrics.bp)
    if local:
        _add_local_pages(app)
    else:
        app.register_blueprint(no_login_yet.bp)
    return app


def create_local_app() -> Flask:
    """Return local mode's app for gunicorn, set up from the environment."""
    return _from_environment(local=True)


def create_hosted_app() -> Flask:
    """Return the app for gunicorn where it is public, set up from the environment."""
    return _from_environment(local=False)


def _add_local_pages(app: Flask) -> None:
    app.before_request(local_mode.refuse_foreign_requests)
    app.url_defaults(chosen_shop.keep_picked_shop)
    for pages in (segments, customers, data_health, exports):
        app.register_blueprint(pages.bp)


def _from_environment(*, local: bool) -> Flask:
    settings = Settings.from_env(os.environ)
    if not (settings.database_url and settings.keys and settings.hash_key):
        raise StartRefusedError(
            "DATABASE_URL, KINDRED_KEYS and KINDRED_HASH_KEY must be set for this process. "
            "`kindred up` sets all three where the embedded database is used."
        )
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app = create_app(settings, local=local)
    encryption.load_keys(settings.keys, settings.hash_key)
    engine.connect(settings.database_url)
    if settings.redis_url:
        queueing.connect(settings.redis_url)
    return app
