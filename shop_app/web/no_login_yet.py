"""Outside local mode: every page of a shop needs the Shopify login, and says so while there is none."""

from http import HTTPStatus

from flask import Blueprint, Response

from shop_app.web.pages import MessagePage
from shop_app.web.rendering import build_frame, render

bp = Blueprint("no_login_yet", __name__)


@bp.get("/")
@bp.get("/<path:path>")
def explain(path: str = "") -> Response:  # noqa: ARG001 (whatever was asked for, the answer is one)
    """Say that nobody can log in, and what works meanwhile."""
    page = MessagePage(
        frame=build_frame("No login yet", None),
        heading="The Shopify login is not set up",
        sentences=(
            "A store's figures are shown only to somebody who is logged in through Shopify.",
            "This copy of Kindred has no Shopify login.",
            "To look at a store on your own machine, start local mode there.",
        ),
        command="kindred up",
    )
    return render("error.html", page, HTTPStatus.SERVICE_UNAVAILABLE)
