"""``/goals``: what the groups are for, how they are made, which features matter, and learning anew."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError
from shop_app.segments.grouping.goals import GOALS, goal_warnings
from shop_app.segments.playbook_start import proposed_start, start_words
from shop_app.segments.refit_reasons import CADENCES
from shop_app.services.ask_for_fit import ask_for_fit
from shop_app.services.describe_fit import FitOverview, FitStory, describe_fit, fit_overview
from shop_app.services.segment_choices import OWN_GOAL, REVIEWS, SegmentChoices, change_choices
from shop_app.storage.model_fits import FitCard
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.feature_words import dimension_choices
from shop_app.web.formats import capital
from shop_app.web.goals_features import feature_rows, features_words
from shop_app.web.goals_form import GoalForm, field_errors
from shop_app.web.goals_learning import learning_part
from shop_app.web.goals_page import GoalsPage, LearningPage
from shop_app.web.pages import Choice, Link, Notice, Option
from shop_app.web.rendering import build_frame, render
from shop_app.web.segment_pages import StartRow

bp = Blueprint("goals", __name__, url_prefix="/goals")

_WAYS = {
    "": ("Whichever does best here", "Every way is tried on this shop's own past, and the best one is taken."),
    "rules": ("Named rules", "Written rules with this shop's own limits: the easiest to explain."),
    "clusters": (
        "Clusters",
        "Customers who are alike stand together. Takes 1,000 buyers, 300 of whom came back.",
    ),
    "hybrid": (
        "Lifecycle and clusters",
        "First whether they are new, active or gone, then who is alike. Takes as many buyers as clusters.",
    ),
}
_GROUP_COUNTS = range(3, 11)
_OWN = Choice(OWN_GOAL, "A goal of your own", False, "Name it, and choose what customers are compared by.")


@bp.get("")
def index() -> Response:
    """Show the choices, and what is made of them."""
    shop = chosen_shop()
    overview = fit_overview(shop.id, today=_today(shop))
    said = (_saved(overview.choices),) if request.args.get("done") == "saved" else ()
    return render("goals/index.html", _page(shop, overview, GoalForm.of(overview.choices), said))


@bp.post("")
def save() -> PlainResponse:
    """Keep the choices; the next fit goes by them."""
    shop = chosen_shop()
    overview = fit_overview(shop.id, today=_today(shop))
    form = GoalForm.read(request.form, overview.choices)
    try:
        change_choices(shop.id, form.changes(), who=user_id(), at=utc_now())
    except InvalidInputError as error:
        said = Notice("critical", "Nothing was saved", (f"{_sentence(error)} The field says it once more.",))
        page = _page(shop, overview, form, (said,))
        return render("goals/index.html", replace(page, errors=field_errors(error)), 400)
    return redirect(url_for("goals.index", done="saved", _anchor="said"), 303)


@bp.post("/learn")
def learn() -> PlainResponse:
    """Have the groups learned anew."""
    ask_for_fit(chosen_shop().id, now=utc_now())
    return redirect(url_for("goals.index", _anchor="learning"), 303)


@bp.get("/live")
def live() -> Response:
    """Return the part of the page that changes while a worker is at it."""
    shop = chosen_shop()
    overview = fit_overview(shop.id, today=_today(shop))
    story = describe_fit(shop.id, overview.live.id) if overview.live else None
    return render("goals/_live.html", LearningPage(learning_part(overview, story, shop.formats)))


def _page(shop: ChosenShop, overview: FitOverview, form: GoalForm, said: tuple[Notice, ...]) -> GoalsPage:
    measured = overview.live or overview.newest
    story = describe_fit(shop.id, measured.id) if measured else None
    goal = GOALS.get(form.goal)
    rows, more = feature_rows(story, form, goal.dimensions if goal else form.own_dimensions)
    return GoalsPage(
        frame=build_frame("Goal", shop, "goals.index"),
        said=said,
        learning=learning_part(overview, story if overview.live else None, shop.formats),
        start_words=start_words(story.groups) if story else "",
        start=_start(overview, story),
        save_url=url_for("goals.save"),
        goals=_goals(form.goal),
        is_own=form.goal == OWN_GOAL,
        own_name=form.own_name,
        own_group_count=form.own_group_count,
        own_dimensions=dimension_choices(form.own_dimensions),
        warnings=_warnings(overview.choices),
        ways=_ways(form.way),
        group_counts=_group_counts(form.group_count),
        move_limit_percent=form.move_limit_percent,
        features_words=features_words(story),
        features=rows,
        more_features=more,
        member_tag=form.member_tag,
        cadences=_options(CADENCES, form.cadence),
        reviews=_options(REVIEWS, form.review),
        owner=form.owner,
        errors={},
    )


def _goals(chosen: str) -> tuple[Choice, ...]:
    return (
        *(
            Choice(goal.slug, goal.name, goal.slug == chosen, f"{goal.question} {goal.words}")
            for goal in GOALS.values()
        ),
        replace(_OWN, is_chosen=chosen == OWN_GOAL),
    )


def _ways(chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(slug, name, slug == chosen, words) for slug, (name, words) in _WAYS.items())


def _group_counts(chosen: str) -> tuple[Option, ...]:
    numbers = (Option(str(number), f"{number} groups", str(number) == chosen) for number in _GROUP_COUNTS)
    return (Option("", "As suits the goal and the shop's size", not chosen), *numbers)


def _options(allowed: Mapping[str, int], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(name, capital(name), name == chosen) for name in allowed)


def _warnings(choices: SegmentChoices) -> tuple[str, ...]:
    goal = choices.chosen_goal()
    return goal_warnings(replace(goal, group_count=choices.group_count or goal.group_count))


def _start(overview: FitOverview, story: FitStory | None) -> tuple[StartRow, ...]:
    """Propose three groups as long as the first version is the one in use."""
    if story is None or overview.live is None or any(_was_live(card) for card in overview.history):
        return ()
    return tuple(
        StartRow(Link(each["name"], url_for("segments.show", slug=each["slug"])), each["why"])
        for each in proposed_start(story.groups)
    )


def _was_live(card: FitCard) -> bool:
    return card.state == "retired" and card.live_from is not None


def _saved(choices: SegmentChoices) -> Notice:
    words = f"The next learning goes by it: {choices.cadence}, or at once with \u201cLearn now\u201d."
    return Notice("success", "Saved", (words,))


def _sentence(error: InvalidInputError) -> str:
    return next(iter(field_errors(error).values()))


def _today(shop: ChosenShop) -> date:
    return shop.formats.local(utc_now()).date()
