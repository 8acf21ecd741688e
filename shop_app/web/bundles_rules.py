"""``/bundles/rules``: what may be offered, how far an offer goes, what is looked at."""

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError
from shop_app.services.brand_names import read_brand_names
from shop_app.services.bundle_choices import BundleChoices, change_bundle_choices, read_bundle_choices
from shop_app.services.describe_bundles import list_rows
from shop_app.web.bundles_pages import Cell, RulesPage, Table
from shop_app.web.bundles_rules_form import RulesFields, RulesRefusedError, field_of
from shop_app.web.bundles_tables import plain_headings
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.pages import Choice, Notice
from shop_app.web.rendering import build_frame, render

bp = Blueprint("bundles_rules", __name__, url_prefix="/bundles/rules")

PLACE = "bundles_rules.index"
_TEMPLATE = "bundles/rules.html"
_SAVED = Notice("success", "Saved", ("A worker looks at all baskets again with it, in a minute or two.",))
_LEVELS = (
    ("variant", "Variants", "Each size and colour by itself. What can be offered at once."),
    ("product", "Products", "All variants of a product as one thing: more orders for each."),
    ("collection", "Collections", "For a look at the whole; where there are none, categories."),
)
_SHOWN = 100


@bp.get("")
def index() -> Response:
    """Show the rules."""
    shop = chosen_shop()
    choices = read_bundle_choices(shop.id)
    fields = RulesFields.of(choices, read_brand_names(shop.id, _named_in(choices)))
    said = (_SAVED,) if request.args.get("done") == "saved" else ()
    return render(_TEMPLATE, _page(shop, fields, said))


@bp.post("")
def save() -> PlainResponse:
    """Keep the rules; what cannot be is said beside its field."""
    shop, fields = chosen_shop(), RulesFields.read(request.form)
    names = read_brand_names(shop.id)
    try:
        change_bundle_choices(shop.id, fields.changes(names), who=user_id(), at=utc_now())
    except InvalidInputError as error:
        errors = error.errors if isinstance(error, RulesRefusedError) else {field_of(error.field): str(error)}
        said = (Notice("critical", "Nothing was saved", ("The fields below say what cannot be used.",)),)
        return render(_TEMPLATE, _page(shop, fields, said, errors), 400)
    return redirect(url_for(PLACE, done="saved", _anchor="said"), 303)


def _named_in(choices: BundleChoices) -> list[str]:
    """Return what the rules call the things that they are about."""
    rules = choices.rules
    return [
        *(token for pair in rules.never_together for token in pair),
        *rules.never_discounted,
        *(token for token, _ in rules.seasons),
        *map(str, (*choices.left_out, *choices.kept_in)),
    ]


def _page(
    shop: ChosenShop,
    fields: RulesFields,
    said: tuple[Notice, ...],
    errors: Mapping[str, str] | None = None,
) -> RulesPage:
    return RulesPage(
        frame=build_frame("Rules for bundles", shop, PLACE),
        said=said,
        address=url_for("bundles_rules.save"),
        values=fields.texts,
        errors=errors or {},
        levels=tuple(
            Choice(name, text, name == fields.texts["level"], details) for name, text, details in _LEVELS
        ),
        needs_known_stock=fields.needs_known_stock,
        left_out=_left_out(shop),
    )


def _left_out(shop: ChosenShop) -> Table:
    rows = list_rows(shop.id, "left_out", limit=_SHOWN)
    return Table(
        name="Goods left out",
        caption="What counts in no basket, with the reason",
        headings=plain_headings("Item", "Why*"),
        rows=tuple((Cell(str(row["name"])), Cell(str(row["reason_words"] or row["reason"]))) for row in rows),
        nothing="Everything that is sold is merchandise, or nobody has looked yet.",
    )
