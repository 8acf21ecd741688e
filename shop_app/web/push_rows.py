"""The customers of a push one by one: a few on its page, all of them by pages, and as a file."""

from collections.abc import Iterator
from typing import Any

from flask import request, url_for

from shop_app.services.describe_pushes import PushStory, RowStory, list_push_rows
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import NOTHING, count, counted
from shop_app.web.pages import Field, Link, Option
from shop_app.web.push_pages import ChangeRow, PushRowsPage
from shop_app.web.push_words import ROW_STATES
from shop_app.web.rendering import build_frame

_A_PAGE = 50
_AT_ONCE = 2_000
_ANY = "any"
_NO_SEGMENT = "none"
"""Stands for the customers of no segment in an address, where "" could not be told from nothing chosen."""
_LARGEST_ID = 2**63 - 1


def rows_page(shop: ChosenShop, story: PushStory) -> PushRowsPage:
    """Write one page of a push's customers, of those that the address asks for."""
    push_id = story.card.id
    segment, state = request.args.get("segment", _ANY), request.args.get("state", _ANY)
    after = _after()
    rows = list_push_rows(
        shop.id,
        push_id,
        segment=None if segment == _ANY else "" if segment == _NO_SEGMENT else segment,
        state=state if state in ROW_STATES else None,
        after_id=after,
        limit=_A_PAGE + 1,
    )
    shown = rows[:_A_PAGE]
    chosen: dict[str, Any] = {"push_id": push_id, "segment": segment, "state": state}
    return PushRowsPage(
        frame=build_frame(f"Customers of push {push_id}", shop, "pushes.index"),
        back=Link(f"Push {push_id}", url_for("pushes.show", push_id=push_id)),
        heading=f"Customers of push {push_id}",
        words=f"{story.card.title}.",
        action=url_for("pushes.rows", push_id=push_id),
        kept=(Field("shop", shop.domain),) if "shop" in request.args else (),
        segments=_segment_options(story, segment),
        states=_state_options(story, state),
        rows=tuple(change_row(row) for row in shown),
        download=download_link(push_id),
        first=Link("First page", url_for("pushes.rows", **chosen)) if after else None,
        following=Link("Next page", url_for("pushes.rows", after=shown[-1].customer_id, **chosen))
        if len(rows) > _A_PAGE
        else None,
    )


def change_row(row: RowStory) -> ChangeRow:
    """Write what happens to one customer."""
    move = row.to_name if row.from_name == row.to_name else f"{row.from_name} → {row.to_name}"
    return ChangeRow(
        link=Link(row.label, url_for("customers.show", customer_id=row.customer_id)),
        move=move,
        added=", ".join(row.added) or NOTHING,
        removed=", ".join(row.removed) or NOTHING,
        values=tuple(_value_words(*value) for value in row.values if value[2] is not None),
        dropped=tuple(key for key, _, after in row.values if after is None),
        state=ROW_STATES.get(row.state, row.state),
        reason=row.reason,
    )


def file_rows(shop: ChosenShop, push_id: int) -> Iterator[dict[str, Any]]:
    """Return every customer of a push as a file has them."""
    after = 0
    while rows := list_push_rows(shop.id, push_id, after_id=after, limit=_AT_ONCE):
        yield from (_cells(row) for row in rows)
        after = rows[-1].customer_id


def download_link(push_id: int) -> Link:
    """Return the way to the file."""
    return Link("Download (CSV)", url_for("pushes.file", push_id=push_id), download=f"push-{push_id}.csv")


def _cells(row: RowStory) -> dict[str, Any]:
    return {
        "customer_id": row.customer_id,
        "shopify_id": row.shopify_id or "",
        "customer": row.label,
        "from_segment": row.from_name,
        "to_segment": row.to_name,
        "added": ", ".join(row.added),
        "removed": ", ".join(row.removed),
        "values": "; ".join(_value_words(*value) for value in row.values),
        "state": ROW_STATES.get(row.state, row.state),
        "reason": row.reason,
    }


def _value_words(key: str, before: object, after: object) -> str:
    if after is None:
        return f"{key}: {_text(before)} → removed"
    if before is None:
        return f"{key}: {_text(after)}"
    return f"{key}: {_text(before)} → {_text(after)}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _segment_options(story: PushStory, chosen: str) -> tuple[Option, ...]:
    names = {move.to_slug or _NO_SEGMENT: move.to_name for move in story.moves}
    every = Option(_ANY, "All segments", chosen == _ANY)
    return (every, *(Option(slug, f"To {name}", slug == chosen) for slug, name in sorted(names.items())))


def _state_options(story: PushStory, chosen: str) -> tuple[Option, ...]:
    counts = story.card.counts
    every = Option(_ANY, f"All states ({counted(sum(counts.values()), 'customer')})", chosen == _ANY)
    found = (state for state in ROW_STATES if counts.get(state))
    return (
        every,
        *(Option(state, f"{ROW_STATES[state]} ({count(counts[state])})", state == chosen) for state in found),
    )


def _after() -> int:
    given = request.args.get("after", "")
    return min(int(given), _LARGEST_ID) if given.isascii() and given.isdigit() and len(given) < 20 else 0  # noqa: PLR2004
