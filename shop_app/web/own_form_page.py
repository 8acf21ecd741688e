"""The pages on which a segment of one's own is written: in fields, or as the file of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import url_for

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.storage.shop_settings import UNKNOWN_CURRENCY
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.feature_words import feature_options
from shop_app.web.own_form import JOINS, MOST_ROWS, OPERATORS, OwnForm, Row
from shop_app.web.own_segments_page import ConditionRow, OwnFilePage, OwnFormPage, Preview
from shop_app.web.own_values import example
from shop_app.web.pages import Choice, Link, Notice, Option
from shop_app.web.rendering import build_frame

_FEWEST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page says about what was sent: a message, a preview, a sentence for each field that is wrong."""

    said: tuple[Notice, ...] = ()
    preview: Preview | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def form_page(shop: ChosenShop, form: OwnForm, slug: str, answer: Answer) -> OwnFormPage:
    """Return the form of one segment; ``slug`` is "" for a new one."""
    heading = f"Change {form.name}" if slug and form.name else "New segment"
    rows = tuple(_condition_row(number, row, answer.errors, shop) for number, row in enumerate(form.rows))
    filled = max((number for number, row in enumerate(form.rows, 1) if not row.is_empty), default=0)
    shown = max(_FEWEST_SHOWN, min(filled + 1, MOST_ROWS))
    return OwnFormPage(
        frame=build_frame(heading, shop, "own_segments.index"),
        back=_back(),
        heading=heading,
        said=answer.said,
        preview=answer.preview,
        check_url=url_for("own_segments.check", slug=slug),
        name=form.name,
        description=form.description,
        joins=tuple(Choice(value, text, value == form.join) for value, text in JOINS.items()),
        rows=rows[:shown],
        more_rows=rows[shown:],
        errors=answer.errors,
        by_file=Link("Write it as a file instead", url_for("own_segments.file")),
    )


def file_page(shop: ChosenShop, text: str, answer: Answer, *, has_segments: bool = True) -> OwnFilePage:
    """Return the file of all segments, to be changed as a whole."""
    return OwnFilePage(
        frame=build_frame("Segments as a file", shop, "own_segments.index"),
        back=_back(),
        said=answer.said,
        preview=answer.preview,
        check_url=url_for("own_segments.check_file"),
        text=text,
        error=answer.errors.get("text", ""),
        download=download_link() if has_segments else None,
    )


def download_link() -> Link:
    """Return the way to the file of all segments."""
    return Link("Download the file", url_for("own_segments.download"), download="segments.yaml")


def _back() -> Link:
    return Link("Own segments", url_for("own_segments.index"))


def _condition_row(number: int, row: Row, errors: Mapping[str, str], shop: ChosenShop) -> ConditionRow:
    currency = shop.formats.currency
    feature = FEATURES.get(row.feature)
    return ConditionRow(
        number=str(number),
        heading=f"Condition {number + 1}",
        features=feature_options(row.feature, "" if currency == UNKNOWN_CURRENCY else currency),
        operators=tuple(Option(name, words, name == row.operator) for name, words in OPERATORS.items()),
        value=row.value,
        placeholder=f"such as {example(feature)}" if feature else "Value",
        feature_error=errors.get(f"feature_{number}", ""),
        operator_error=errors.get(f"operator_{number}", ""),
        value_error=errors.get(f"value_{number}", ""),
    )
