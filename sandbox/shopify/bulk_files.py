"""Files in and out: results of bulk operations by their secret link, and uploads of variables."""

import flask
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from sandbox.shopify.graph.bulk import find_file
from sandbox.shopify.store_view import current_world
from sandbox.shopify.uploads import receive_upload

bp = Blueprint("bulk_files", __name__)
_GONE = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>{}</Code><Message>{}</Message></Error>"


@bp.get("/_bulk/<name>")
def download(name: str) -> ResponseReturnValue:
    """Send a bulk file, or a range of its bytes, to whoever has its link."""
    found = find_file(current_world(), name)
    if found is None:
        return _refused("NoSuchKey", "The specified key does not exist.", 404)
    path, expired = found
    if expired:
        return _refused("ExpiredToken", "The provided token has expired.", 403)
    return flask.send_file(path.resolve(), mimetype="application/jsonl", conditional=True, max_age=0)


@bp.post("/_uploads/")
@bp.post("/_uploads/<path:key>")
def upload(key: str = "") -> ResponseReturnValue:
    """Take a staged upload."""
    status, body = receive_upload(current_world(), key, request.headers.get("Content-Type", ""), request.stream)
    return flask.Response(body, status, mimetype="application/xml")


def _refused(code: str, words: str, status: int) -> ResponseReturnValue:
    return flask.Response(_GONE.format(code, words), status, mimetype="application/xml")
