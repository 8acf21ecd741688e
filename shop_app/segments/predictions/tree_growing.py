"""Growing boosted trees, three questions deep, from columns cut into steps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from shop_app.segments.predictions.btyd_table import Real

DEPTH = 3
QUESTIONS, LEAVES = 2**DEPTH - 1, 2**DEPTH

TREES = 80
LEARNING_RATE = 0.12
SHRINKAGE = 5.0
"""Added to a leaf's weight: what few customers say counts less."""

LEAST_LEAF = 6.0
"""Weight of a leaf, the sum of ``p * (1 - p)``: 24 customers of even chances, or 600 of one in a hundred."""

MOST_STEPS = 64
NEVER = 255
"""A question to which nobody's answer is yes."""

Steps = NDArray[np.uint8]


class Grown(NamedTuple):
    """One tree: seven questions (column and the last step of "no"), eight leaves."""

    columns: tuple[int, ...]
    cuts: tuple[int, ...]
    values: tuple[float, ...]


def grow(coded: Sequence[Steps], happened: Real) -> tuple[float, list[Grown]]:
    """Boost trees on what happened, 0 or 1, one row a customer.

    Parameters
    ----------
    coded
        The columns' steps, below :data:`MOST_STEPS`.
    happened
        Neither all 0 nor all 1.

    Returns
    -------
    float, list of Grown
        The logit that sums begin with, and the trees in the order they are added.

    Notes
    -----
    Friedman, Greedy function approximation: a gradient boosting machine, Annals of Statistics 29 (2001),
    1189-1232, with the second order of Chen, Guestrin, XGBoost, KDD 2016. On one core and without chance, so
    that the same shop gives the same trees, however busy the machine is.
    """
    share = float(happened.mean())
    start = float(np.log(share / (1.0 - share)))
    wide = [steps.astype(np.int64) for steps in coded]
    scores = np.full(happened.size, start)
    trees = []
    for _ in range(TREES):
        chance = expit(scores)
        tree, leaf = _tree(coded, wide, chance - happened, chance * (1.0 - chance))
        scores += np.array(tree.values)[leaf]
        trees.append(tree)
    return start, trees


def leaf_of(coded: Sequence[Steps], columns: Sequence[int], cuts: Sequence[int]) -> Steps:
    """Walk down one tree, all customers at once: 0 for no-no-no, 7 for yes-yes-yes."""
    first, no, yes, no_no, no_yes, yes_no, yes_yes = (
        coded[column] > cut for column, cut in zip(columns, cuts, strict=True)
    )
    second = (first & yes) | (~first & no)
    after_yes, after_no = (yes & yes_yes) | (~yes & yes_no), (no & no_yes) | (~no & no_no)
    third = (first & after_yes) | (~first & after_no)
    high, middle, low = (answer.view(np.uint8) for answer in (first, second, third))
    return (high << 2 | middle << 1 | low).astype(np.uint8, copy=False)


def _tree(
    coded: Sequence[Steps], wide: Sequence[NDArray[np.int64]], pull: Real, weight: Real
) -> tuple[Grown, NDArray[np.int64]]:
    """Grow one tree level by level; also say in which leaf everybody ends."""
    node = np.zeros(pull.size, dtype=np.int64)
    columns: list[int] = []
    cuts: list[int] = []
    for level in range(DEPTH):
        asked = _questions(wide, node, pull, weight, 2**level)
        answers = np.zeros(pull.size, dtype=np.int64)
        for place, (column, cut) in enumerate(asked):
            here = node == place
            answers[here] = coded[column][here] > cut
        node = 2 * node + answers
        columns += [column for column, _ in asked]
        cuts += [cut for _, cut in asked]
    pulls, weights = (np.bincount(node, of, LEAVES) for of in (pull, weight))
    values = -LEARNING_RATE * pulls / (weights + SHRINKAGE)
    return Grown(tuple(columns), tuple(cuts), tuple(float(value) for value in values)), node


def _questions(
    wide: Sequence[NDArray[np.int64]], node: NDArray[np.int64], pull: Real, weight: Real, nodes: int
) -> list[tuple[int, int]]:
    """Find for every node the question that tells most; of equals the first."""
    begin = node * MOST_STEPS
    best = np.full(nodes, 1e-9)
    asked = [(0, NEVER)] * nodes
    for column, steps in enumerate(wide):
        keys = begin + steps
        pulls, weights = (
            np.bincount(keys, of, nodes * MOST_STEPS).reshape(nodes, MOST_STEPS).cumsum(axis=1)
            for of in (pull, weight)
        )
        gains = _gains(pulls, weights)
        cuts = gains.argmax(axis=1)
        for place, cut in enumerate(cuts):
            if gains[place, cut] > best[place]:
                best[place], asked[place] = gains[place, cut], (column, int(cut))
    return asked


def _gains(pulls: Real, weights: Real) -> Real:
    """Say how much each cut tells, from sums up to it; nothing where it leaves a side too light."""
    pull, weight = pulls[:, -1:], weights[:, -1:]
    below = pulls**2 / (weights + SHRINKAGE)
    above = (pull - pulls) ** 2 / (weight - weights + SHRINKAGE)
    light = np.minimum(weights, weight - weights) < LEAST_LEAF
    return np.where(light, 0.0, below + above - pull**2 / (weight + SHRINKAGE))
