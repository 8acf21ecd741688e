"""What is said of bundles: the newest look at all baskets, what it found, and the offers made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from shop_app.bundles.terms import Terms
from shop_app.errors import NotFoundError
from shop_app.queueing import TaskName, send
from shop_app.services.ask_for_bundles import BUNDLES, look_again
from shop_app.services.bundle_goods import read_goods
from shop_app.services.bundle_rows import Row, keys_of, rows_of
from shop_app.storage import basket_findings, due_work, segment_runs
from shop_app.storage.basket_findings import Finding, Run
from shop_app.storage.engine import shopless, transaction

MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Overview:
    """The newest look at the baskets; ``counts`` are its findings by kind and segment ("" is everybody).

    ``next_at`` is when the next is due, ``None`` where nobody has asked; ``segments`` are names by slug.
    """

    run: Run | None
    counts: Mapping[tuple[str, str], int]
    next_at: datetime | None
    is_asked: bool
    segments: Mapping[str, str]

    @property
    def facts(self) -> Mapping[str, Any]:
        """Return what the look was made of, empty before the first."""
        return self.run.facts if self.run else {}

    @property
    def words(self) -> tuple[str, ...]:
        """Return what there is not enough of, and what else is to be known, in sentences."""
        return tuple(self.facts.get("words", ()))

    @property
    def is_enough(self) -> bool:
        """Tell whether there are orders enough to tell anything."""
        return bool(self.facts.get("enough"))

    def with_kind(self, kind: str) -> tuple[str, ...]:
        """Return the slugs of the segments that there are findings of a kind for."""
        return tuple(sorted(slug for found, slug in self.counts if found == kind and slug))

    @property
    def days_to_enough(self) -> int | None:
        """Return in how many days there are orders enough at the pace so far, ``None`` if unknown."""
        needed, have = (int(self.facts.get(name) or 0) for name in ("baskets_needed", "baskets_of_several"))
        first, last = self.facts.get("days") or (None, None)
        if self.is_enough or not needed or not have or first is None or last <= first:
            return None
        span: int = last - first
        return ceil((needed - have) * span / have)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that could be made; ``facts`` are as they were worked out.

    ``segment`` is whom it was looked for, ``list_price`` to ``margin`` are of one typical use, in minor units,
    ``extra_margin`` is what it is expected to bring more within ``horizon_days``, in minor units too.
    """

    key: str
    segment: str
    rank: int
    title: str
    terms: Terms
    facts: Mapping[str, Any]

    @property
    def list_price(self) -> int:
        """Return what the goods of one use cost without the offer."""
        return int(self.facts["figures"]["list_price"])

    @property
    def price(self) -> int:
        """Return what is paid for one use."""
        return int(self.facts["figures"]["price"])

    @property
    def margin(self) -> int:
        """Return what one use leaves after the cost of its goods."""
        return self.price - int(self.facts["figures"]["cost"])

    @property
    def margin_ratio(self) -> float:
        """Return the margin as a share of what is paid."""
        return self.margin / self.price if self.price else 0.0

    @property
    def extra_margin(self) -> int:
        """Return what it is expected to bring more."""
        return int(self.facts.get("extra_margin", 0))


def read_overview(shop_id: int, *, now: datetime) -> Overview:
    """Return how the newest look at the baskets went, and when the next is due."""
    with transaction(shop_id) as connection:
        run = basket_findings.newest_run(connection)
        counts = basket_findings.count(connection)
        summary = segment_runs.read_newest(connection)
    with shopless() as connection:
        next_at = due_work.list_of_shop(connection, shop_id).get(BUNDLES)
    names = {each["slug"]: each["name"] for each in (summary or {"segments": ()})["segments"]}
    found = run.facts.get("segments", {}) if run else {}
    return Overview(
        run=run,
        counts=counts,
        next_at=next_at,
        is_asked=next_at is not None and next_at <= now and (run is None or run.made_at <= next_at),
        segments=names | {slug: each["name"] for slug, each in found.items()},
    )


def look_again_soon(shop_id: int, *, now: datetime) -> bool:
    """Ask for a new look at all baskets, and knock; return whether a worker was heard to be there."""
    look_again(shop_id, now=now)
    return send(TaskName.FIND_BUNDLES, shop_id)


def list_rows(
    shop_id: int, kind: str, *, segment: str = "", with_goods: bool = False, limit: int = MOST_ROWS
) -> list[Row]:
    """Return the findings of one kind as rows, the best first; see :func:`~.bundle_rows.rows_of`.

    ``with_goods`` adds what things leave and how many there are. What is held back for one reason in several
    forms is told once.
    """
    with transaction(shop_id) as connection:
        found = basket_findings.list_findings(connection, kind, segment=segment, limit=limit)
    goods = read_goods(shop_id, keys_of(kind, found)) if with_goods else None
    rows = rows_of(kind, found, goods)
    if kind != "blocked":
        return rows
    return list({(row["title"], row["reason"]): row for row in reversed(rows)}.values())[::-1]


def list_candidates(
    shop_id: int, *, segment: str | None = None, form: str | None = None, limit: int = MOST_ROWS
) -> list[Candidate]:
    """Return the offers that could be made, the largest expected extra margin first.

    Parameters
    ----------
    segment
        Whom they are for: "" is everybody, ``None`` is each of them and everybody.
    form
        One of :class:`~shop_app.bundles.terms.Form`; ``None`` is any.
    """
    with transaction(shop_id) as connection:
        counts = basket_findings.count(connection)
        slugs = [slug for kind, slug in counts if kind == "candidate"] if segment is None else [segment]
        found = [
            _candidate(each)
            for slug in slugs
            for each in basket_findings.list_findings(
                connection, "candidate", segment=slug, form=form, limit=limit
            )
        ]
    return sorted(found, key=lambda each: -each.extra_margin)[:limit]


def count_candidates(shop_id: int, *, segment: str | None = None, form: str | None = None) -> int:
    """Return how many offers could be made; parameters as for :func:`list_candidates`."""
    with transaction(shop_id) as connection:
        return basket_findings.count_candidates(connection, segment=segment, form=form)


def find_candidate(shop_id: int, key: str, *, segment: str = "") -> Candidate:
    """Return one offer that could be made.

    Raises
    ------
    NotFoundError
        It is not found any more.
    """
    with transaction(shop_id) as connection:
        found = basket_findings.find(connection, "candidate", key, segment=segment)
    if found is None:
        raise NotFoundError(
            "This candidate is not among those of the newest look at the baskets; the list shows which are."
        )
    return _candidate(found)


def other_forms(shop_id: int, candidate: Candidate) -> list[Candidate]:
    """Return what else could be offered of these things, as one product or staying single; nearest first."""
    about = set(candidate.terms.item_ids)
    with transaction(shop_id) as connection:
        found = basket_findings.list_candidates_about(
            connection, about, segments=("", candidate.segment), but_form=candidate.terms.form
        )
    others = map(_candidate, found)
    return sorted(others, key=lambda each: -len(about & set(each.terms.item_ids)))


def _candidate(found: Finding) -> Candidate:
    return Candidate(
        key=found.key,
        segment=found.segment,
        rank=found.rank,
        title=str(found.facts.get("title", found.key)),
        terms=Terms.from_json(found.facts["terms"]),
        facts=found.facts,
    )
