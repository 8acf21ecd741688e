"""``/export/*.csv``: tables for spreadsheets, streamed. UTF-8 with its mark, ISO dates, raw numbers."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from itertools import chain
from typing import Any

from flask import Blueprint, Response, request

from shop_app.clock import utc_now
from shop_app.services.csv_cells import safe_cell
from shop_app.services.export_rows import iter_export
from shop_app.services.note_access import note_access
from shop_app.services.shop_clock import default_as_of
from shop_app.web.callers import download_route, user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop

bp = Blueprint("exports", __name__, url_prefix="/export")

_BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as the system's old code page."""
_ROWS_A_CHUNK = 500
_OF_NOBODY = ("segments", "definitions", "playbook", "pairs", "sequences", "bundles")
"""Sums and sentences: nobody's data is looked at."""


@bp.get("/segments.csv")
@download_route
def segments() -> Response:
    """Send one row a segment."""
    return _table("segments")


@bp.get("/customers.csv")
@download_route
def customers() -> Response:
    """Send one row a customer, of one segment where the address names it."""
    return _table("customers", request.args.get("segment"))


@bp.get("/predictions.csv")
@download_route
def predictions() -> Response:
    """Send one row a customer with what is expected of them."""
    return _table("predictions", request.args.get("segment"))


@bp.get("/definitions.csv")
@download_route
def definitions() -> Response:
    """Send one row a segment with what it is defined by, own ones among them."""
    return _table("definitions")


@bp.get("/playbook.csv")
@download_route
def playbook() -> Response:
    """Send one row a segment with what to do."""
    return _table("playbook")


@bp.get("/ledger.csv")
@download_route
def ledger() -> Response:
    """Send one row an order, with its verdict."""
    return _table("ledger")


@bp.get("/pairs.csv")
@download_route
def pairs() -> Response:
    """Send one row a pair of things that sell together, in one segment where the address names it."""
    return _table("pairs", request.args.get("segment"))


@bp.get("/sequences.csv")
@download_route
def sequences() -> Response:
    """Send one row a sequence, in one segment where the address names it."""
    return _table("sequences", request.args.get("segment"))


@bp.get("/bundles.csv")
@download_route
def bundles() -> Response:
    """Send one row a bundle that was made, with what came of it."""
    return _table("bundles")


def _table(what: str, segment: str | None = None) -> Response:
    shop = chosen_shop()
    as_of = default_as_of(shop.id, utc_now())
    rows = iter_export(shop.id, what, segment=segment, as_of=as_of)
    first = next(rows, None)  # an error comes now, while a page can still say it
    if what not in _OF_NOBODY:
        note_access(shop.id, f"export of {what}", user_id=user_id(), at=utc_now())
    name = csv_name(shop, segment or what, as_of)
    return csv_download(chain([first], rows) if first is not None else (), name)


def csv_download(rows: Iterable[dict[str, Any]], file_name: str) -> Response:
    """Stream rows with the same keys as a file for a spreadsheet."""
    response = Response(_chunks(rows), mimetype="text/csv", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Write rows as CSV, some hundred at a time; no row is no more than the mark."""
    buffer = StringIO(_BYTE_ORDER_MARK)
    buffer.seek(0, 2)
    writer = csv.writer(buffer)
    for number, row in enumerate(rows):
        if number == 0:
            writer.writerow(row)
        writer.writerow([safe_cell(value) for value in row.values()])
        if number % _ROWS_A_CHUNK == _ROWS_A_CHUNK - 1:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def csv_name(shop: ChosenShop, what: str, as_of: datetime) -> str:
    """Return a name of plain letters: it stands in a header."""
    stem = re.sub(r"[^a-z0-9]+", "-", f"{shop.domain.split('.')[0]} {what}".lower()).strip("-")
    return f"{stem or 'kindred'}-{shop.formats.local(as_of):%Y-%m-%d}.csv"
