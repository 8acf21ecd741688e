"""``/own``: the segments that the merchant has written, as a list, a form for each, and one file of all."""

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError, RefusedError
from shop_app.segments.grouping.rule_files import SegmentRule
from shop_app.segments.money import minor_digits
from shop_app.services.own_segments import (
    OwnStory,
    get_own,
    list_own,
    own_file,
    read_own_file,
    read_own_form,
    retire_own,
    save_own,
)
from shop_app.services.shop_clock import default_as_of
from shop_app.web.callers import download_route, user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.fit_words import person_name
from shop_app.web.formats import Formats, count
from shop_app.web.own_form import FormRefusedError, OwnForm, slug_of
from shop_app.web.own_form_page import Answer, download_link, file_page, form_page
from shop_app.web.own_preview import CONFIRMED, build_preview
from shop_app.web.own_segments_page import OwnRow, OwnSegmentsPage, Preview
from shop_app.web.pages import Link, Notice
from shop_app.web.rendering import build_frame, render

bp = Blueprint("own_segments", __name__, url_prefix="/own")

_EXAMPLE = """\
kindred: 1
segments:
- slug: regulars-gone-quiet
  name: Regulars gone quiet
  when:
    all:
    - feature: order_count
      at_least: 3
    - feature: recency_days
      at_least: 60
"""
_DONE = {
    "saved": ("Saved", "Customers are counted anew; in a large shop that takes a minute."),
    "retired": (
        "Taken out of use",
        "Its versions are kept. To bring it back, write it again under the same name or take in an old file.",
    ),
}


@bp.get("")
def index() -> Response:
    """List the segments in use."""
    shop = chosen_shop()
    done = _DONE.get(request.args.get("done", ""))
    page = OwnSegmentsPage(
        frame=build_frame("Own segments", shop, "own_segments.index"),
        said=(Notice("success", done[0], (done[1],)),) if done else (),
        new=Link("New segment", url_for("own_segments.edit", slug="")),
        file=Link("All as a file", url_for("own_segments.file")),
        download=download_link(),
        rows=tuple(_row(story, shop.formats) for story in list_own(shop.id)),
    )
    return render("own_segments/index.html", page)


@bp.get("/new", defaults={"slug": ""})
@bp.get("/edit/<slug>")
def edit(slug: str) -> PlainResponse:
    """Show the form of a segment; what does not fit into it is changed in the file."""
    shop = chosen_shop()
    form = _stored_form(shop, slug) if slug else OwnForm()
    if form is None:
        return redirect(url_for("own_segments.file"))
    return render("own_segments/form.html", form_page(shop, form, slug, Answer()))


@bp.post("/new", defaults={"slug": ""})
@bp.post("/edit/<slug>")
def check(slug: str) -> Response:
    """Say whom a segment would hold; nothing is kept."""
    shop, form = chosen_shop(), OwnForm.read(request.form)
    try:
        segment = _segment(shop, form, slug)
    except FormRefusedError as error:
        return _form_refused(shop, form, slug, error)
    answer = Answer(preview=_form_preview(shop, form, slug, segment))
    return render("own_segments/form.html", form_page(shop, form, slug, answer))


@bp.post("/new/save", defaults={"slug": ""})
@bp.post("/edit/<slug>/save")
def save(slug: str) -> PlainResponse:
    """Keep a segment as it was checked."""
    shop, form = chosen_shop(), OwnForm.read(request.form)
    try:
        segment = _segment(shop, form, slug)
        _keep(shop, [segment])
    except FormRefusedError as error:
        return _form_refused(shop, form, slug, error)
    except RefusedError as error:
        answer = Answer((_not_saved(error),), _form_preview(shop, form, slug, segment))
        return render("own_segments/form.html", form_page(shop, form, slug, answer), 409)
    return redirect(url_for("own_segments.index", done="saved", _anchor="said"), 303)


@bp.post("/edit/<slug>/retire")
def retire(slug: str) -> PlainResponse:
    """Take a segment out of use."""
    shop, now = chosen_shop(), utc_now()
    retire_own(shop.id, slug, who=user_id(), at=now, as_of=default_as_of(shop.id, now))
    return redirect(url_for("own_segments.index", done="retired", _anchor="said"), 303)


@bp.get("/file")
def file() -> Response:
    """Show all segments as a file that can be changed."""
    shop = chosen_shop()
    has_segments = bool(list_own(shop.id))
    text = own_file(shop.id) if has_segments else _EXAMPLE
    return render("own_segments/file.html", file_page(shop, text, Answer(), has_segments=has_segments))


@bp.post("/file")
def check_file() -> Response:
    """Say whom the segments of a file would hold; nothing is kept."""
    shop, text = chosen_shop(), request.form.get("text", "")
    try:
        segments = read_own_file(shop.id, text)
    except InvalidInputError as error:
        return _file_refused(shop, text, error)
    answer = Answer(preview=_file_preview(shop, text, segments))
    return render("own_segments/file.html", file_page(shop, text, answer))


@bp.post("/file/save")
def save_file() -> PlainResponse:
    """Keep the segments of a file as they were checked; those that it does not name stay as they are."""
    shop, text = chosen_shop(), request.form.get("text", "")
    try:
        segments = read_own_file(shop.id, text)
        _keep(shop, segments)
    except InvalidInputError as error:
        return _file_refused(shop, text, error)
    except RefusedError as error:
        answer = Answer((_not_saved(error),), _file_preview(shop, text, segments))
        return render("own_segments/file.html", file_page(shop, text, answer), 409)
    return redirect(url_for("own_segments.index", done="saved", _anchor="said"), 303)


@bp.get("/segments.yaml")
@download_route
def download() -> Response:
    """Send the segments in use as a file."""
    response = Response(own_file(chosen_shop().id), content_type="text/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="segments.yaml"'
    return response


def _segment(shop: ChosenShop, form: OwnForm, slug: str) -> SegmentRule:
    """Read and check what stands in the fields."""
    taken = {story.slug for story in list_own(shop.id)}
    if slug:
        get_own(shop.id, slug)
    data = form.segment(slug or slug_of(form.name, taken))
    try:
        return read_own_form(shop.id, data)
    except InvalidInputError as error:
        raise FormRefusedError(form.errors_of(error)) from None


def _keep(shop: ChosenShop, segments: Sequence[SegmentRule]) -> None:
    now = utc_now()
    confirmed = request.form.get("confirm") == CONFIRMED
    as_of = default_as_of(shop.id, now)
    save_own(shop.id, segments, confirmed=confirmed, who=user_id(), at=now, as_of=as_of)


def _stored_form(shop: ChosenShop, slug: str) -> OwnForm | None:
    story = get_own(shop.id, slug)
    digits = minor_digits(shop.formats.currency)
    return OwnForm.of(story.name, story.description, story.rule, digits)


def _form_preview(shop: ChosenShop, form: OwnForm, slug: str, segment: SegmentRule) -> Preview:
    save_url = url_for("own_segments.save", slug=slug)
    return build_preview(shop.id, [segment], save_url=save_url, kept=form.fields())


def _file_preview(shop: ChosenShop, text: str, segments: Sequence[SegmentRule]) -> Preview:
    save_url = url_for("own_segments.save_file")
    return build_preview(shop.id, segments, save_url=save_url, kept={"text": text})


def _form_refused(shop: ChosenShop, form: OwnForm, slug: str, error: FormRefusedError) -> Response:
    page = form_page(shop, form, slug, Answer((_not_usable(error.sentences()),), errors=error.errors))
    return render("own_segments/form.html", page, 400)


def _file_refused(shop: ChosenShop, text: str, error: InvalidInputError) -> Response:
    page = file_page(shop, text, Answer((_not_usable((str(error),)),), errors={"text": str(error)}))
    return render("own_segments/file.html", page, 400)


def _not_usable(sentences: tuple[str, ...]) -> Notice:
    return Notice("critical", "That cannot be used yet", sentences)


def _not_saved(error: RefusedError) -> Notice:
    return Notice("critical", "Nothing was saved", (str(error),))


def _row(story: OwnStory, formats: Formats) -> OwnRow:
    return OwnRow(
        link=Link(story.name, url_for("own_segments.edit", slug=story.slug)),
        description=story.description,
        words=f"Everybody who {story.words}.",
        customers=count(story.customer_count),
        version=str(story.version),
        written=f"{formats.date(story.written_at)}, {person_name(story.written_by)}",
        retire_url=url_for("own_segments.retire", slug=story.slug),
        retire_label=f"Take {story.name} out of use",
    )
