"""How the chance of an order is learned from windows of the past that are over."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shop_app.segments.predictions.blend import Blend, fit_blend
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.chance_columns import LINES, Teachers, line_columns, step_columns
from shop_app.segments.predictions.logistic import Logistic, fit_logistic, score_logistic
from shop_app.segments.predictions.looks import WINDOW_DAYS, Look, shuffled
from shop_app.segments.predictions.measures import level_shift, skill
from shop_app.segments.predictions.trees import Trees, fit_trees, score_trees

LEAST_OF_EACH = 50
"""Customers who came back, and who did not, below which nothing is learned beyond the purchase model."""

LEAST_FOR_TREES = 500
"""The same, for trees."""

ROWS_FOR_TREES = 20_000
"""Customers of one window that trees are grown on; a report grows them many times over."""


class Columns(NamedTuple):
    """What the chance of an order is told from, see :mod:`~shop_app.segments.predictions.chance_columns`."""

    lines: dict[str, Real]
    steps: dict[str, Real]


class Window(NamedTuple):
    """One look at the past, as the chance of an order is learned from it."""

    customers: NDArray[np.int64]
    columns: Columns
    happened: Real


class Learned(NamedTuple):
    """What windows have taught: models, and how much each counts (the closed form first)."""

    logistic: Logistic | None
    trees: Trees | None
    blend: Blend


NOTHING = Learned(None, None, Blend((1.0, 0.0, 0.0)))
"""The purchase model's closed form as it is."""


def window_of(look: Look) -> Window:
    """Lay a look's columns beside what its customers did; who has not come back yet stays in.

    Raises
    ------
    ValueError
        The look's window is not over: who will come tomorrow would count as gone.
    """
    if look.outcomes is None:
        raise ValueError("the window of this look is not over")
    came = (look.outcomes["visit_count"] > 0).to_numpy().astype(np.float64)
    return Window(look.buyers["customer_id"].to_numpy(), columns_of(look.buyers, look.teachers), came)


def columns_of(buyers: pl.DataFrame, teachers: Teachers) -> Columns:
    """Give the columns of customers with an order."""
    lines = line_columns(buyers, teachers, WINDOW_DAYS)
    return Columns(lines, step_columns(buyers, lines))


def learn(windows: Sequence[Window], *, with_trees: bool = True) -> Learned:
    """Learn from windows that are over; without trees in a tenth of the time.

    Returns
    -------
    Learned
        The closed form alone where fewer than :data:`LEAST_OF_EACH` came back or did not; equal parts of it and
        the logistic model where there is one window. With more, each model counts as it did on windows held
        out: each is foretold by what the others teach. Trees only where they won there beyond doubt.
    """
    if not _enough(windows, LEAST_OF_EACH):
        return NOTHING
    if len(windows) == 1:
        return Learned(_logistic(windows), None, Blend((0.5, 0.5, 0.0)))
    plain, held_out = _learned(windows, with_trees=False)
    if not with_trees or not _enough(windows, LEAST_FOR_TREES):
        return plain
    full, held_out_too = _learned(windows, with_trees=True)
    customers = np.concatenate([window.customers for window in windows])
    gained = skill(_losses(held_out_too, windows, full), _losses(held_out, windows, plain), customers)
    wins = full.blend.weights[2] > 0 and gained is not None and gained.low > 0
    return full._replace(trees=_trees(windows)) if wins else plain


def logits_of(columns: Columns, learned: Learned) -> list[Real]:
    """Give the logits of the models that count, 0 for the others."""
    closed_form = columns.lines["likeliest"]
    nothing = np.zeros(closed_form.size)
    return [
        closed_form,
        score_logistic(columns.lines, learned.logistic) if learned.logistic else nothing,
        score_trees(columns.steps, learned.trees) if learned.trees else nothing,
    ]


def _enough(windows: Sequence[Window], least: int) -> bool:
    came = sum(float(window.happened.sum()) for window in windows)
    return min(came, sum(window.happened.size for window in windows) - came) >= least


def _learned(windows: Sequence[Window], *, with_trees: bool) -> tuple[Learned, list[Real]]:
    """Learn a blend from windows held out one by one; give their logits as well."""
    held_out = []
    for place, window in enumerate(windows):
        others = [*windows[:place], *windows[place + 1 :]]
        taught = Learned(_logistic(others), _trees(others) if with_trees else None, NOTHING.blend)
        held_out.append(np.column_stack(logits_of(window.columns, taught)))
    used = 3 if with_trees else 2
    blend = fit_blend([logits[:, :used] for logits in held_out], [window.happened for window in windows])
    weights = (*blend.weights, 0.0)[:3]
    return Learned(_logistic(windows), None, Blend(weights)), held_out


def _losses(held_out: Sequence[Real], windows: Sequence[Window], learned: Learned) -> Real:
    """Give each forecast's surprise at what happened, every window at its own level."""
    parts = []
    for logits, window in zip(held_out, windows, strict=True):
        scores = logits @ np.array(learned.blend.weights)
        scores += level_shift(scores, float(window.happened.sum()))
        parts.append(np.logaddexp(0.0, scores) - window.happened * scores)
    return np.concatenate(parts)


def _logistic(windows: Sequence[Window]) -> Logistic:
    columns = {name: np.concatenate([window.columns.lines[name] for window in windows]) for name in LINES}
    return fit_logistic(columns, np.concatenate([window.happened for window in windows]))


def _trees(windows: Sequence[Window]) -> Trees:
    chosen = [np.argsort(shuffled(window.customers), kind="stable")[:ROWS_FOR_TREES] for window in windows]
    both = list(zip(windows, chosen, strict=True))
    columns = {
        name: np.concatenate([window.columns.steps[name][rows] for window, rows in both])
        for name in windows[0].columns.steps
    }
    return fit_trees(columns, np.concatenate([window.happened[rows] for window, rows in both]))
