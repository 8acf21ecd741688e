"""``/healthz``: the process is up. ``/readyz``: it can do its work; without Redis it can, only later."""

from http import HTTPStatus

from flask import Blueprint, Response, current_app, jsonify

from shop_app.embedded import redis_server
from shop_app.errors import StartRefusedError
from shop_app.storage import encryption, readiness
from shop_app.web.callers import public_route

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public_route("it says that the process is up, and nothing of any shop")
def healthz() -> Response:
    """Say that the process answers; nothing else is looked at."""
    return jsonify(status="up")


@bp.get("/readyz")
@public_route("it says what is missing for work to be done, and nothing of any shop")
def readyz() -> tuple[Response, HTTPStatus]:
    """Say whether database, tables and key are there; a missing Redis delays work and stops nothing."""
    vital = {
        "database": readiness.database_trouble(),
        "migrations": readiness.migration_trouble(),
        "key": _key_trouble(),
    }
    redis = _redis_trouble(current_app.config["SETTINGS"].redis_url)
    checks = {name: trouble or "ok" for name, trouble in (vital | {"redis": redis}).items()}
    if any(vital.values()):
        return jsonify(status="not ready", checks=checks), HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify(status="degraded" if redis else "ready", checks=checks), HTTPStatus.OK


def _key_trouble() -> str:
    try:
        encryption.writing_prefix()
    except StartRefusedError as error:
        return str(error)
    return ""


def _redis_trouble(url: str | None) -> str:
    if url is None:
        return "REDIS_URL is not set: work waits until a worker looks by itself."
    if not redis_server.answers(url):
        return "Redis does not answer: work waits until it is back."
    return ""
