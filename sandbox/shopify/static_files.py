"""Scripts, styles and the icon; App Bridge's double stands where the real one does."""

from pathlib import Path

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("static_files", __name__)
_FOLDER = Path(__file__).parent / "static"


@bp.get("/static/<path:name>")
def static_file(name: str) -> ResponseReturnValue:
    """Send a file."""
    return flask.send_from_directory(_FOLDER, name, max_age=0)


@bp.get("/shopifycloud/app-bridge.js")
def app_bridge() -> ResponseReturnValue:
    """Send the double of App Bridge, which the app loads from here instead of from Shopify's network."""
    answer = flask.send_from_directory(_FOLDER, "app-bridge.js", max_age=0)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@bp.get("/shopifycloud/<path:_name>")
def other_script(_name: str) -> ResponseReturnValue:
    """Say that nothing else of Shopify's network is here (Polaris: the app brings its own)."""
    return "", 404
