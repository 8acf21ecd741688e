"""``/export/by-link``: a table for whoever has a signed link; no session, no cookie, no page."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain

from flask import Blueprint, Response, request

from shop_app.clock import utc_now
from shop_app.errors import KindredError
from shop_app.services.export_links import PATH, LinkEndedError, LinkRefusedError, TooOftenError, open_link
from shop_app.services.export_rows import iter_export
from shop_app.services.export_text import BYTE_ORDER_MARK, FORMATS, file_stem
from shop_app.services.shop_clock import default_as_of
from shop_app.web.callers import public_route

bp = Blueprint("export_links", __name__)

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_STATUSES: tuple[tuple[type[KindredError], HTTPStatus], ...] = (
    (LinkRefusedError, HTTPStatus.FORBIDDEN),
    (LinkEndedError, HTTPStatus.GONE),
    (TooOftenError, HTTPStatus.TOO_MANY_REQUESTS),
)


@bp.get(PATH)
@public_route("the address itself is signed, says what it opens and until when, and was handed out for that")
def by_link() -> Response:
    """Send the table that the link is for."""
    now = utc_now()
    link = open_link(request.query_string.decode("ascii", errors="replace"), now=now)
    as_of = default_as_of(link.shop_id, now)
    rows = iter_export(link.shop_id, link.what, segment=link.segment, as_of=as_of, shared=True)
    first = next(rows, None)  # an error comes now, while a status can still say it
    text = FORMATS[link.format](chain([first], rows) if first is not None else ())
    name = f"{file_stem(link.shop_domain, link.segment or link.what)}-{as_of:%Y-%m-%d}.{link.format}"
    response = Response(_marked(text, link.format), content_type=_TYPES[link.format])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.errorhandler(LinkRefusedError)
@bp.errorhandler(LinkEndedError)
@bp.errorhandler(TooOftenError)
def say_why_not(error: KindredError) -> Response:
    """Answer in one plain sentence: whoever asks here is a program as often as a person."""
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    response = Response(f"{error}\n", status, mimetype="text/plain")
    if isinstance(error, TooOftenError):
        response.headers["Retry-After"] = str(round(error.retry_after_seconds))
    return response


def _marked(text: Iterator[str], form: str) -> Iterator[str]:
    return chain([BYTE_ORDER_MARK], text) if form == "csv" else text
