"""Offers, from the first draft until nothing of them is left in Shopify."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, text

from shop_app.bundles.terms import Terms

_SHOP = "current_setting('app.shop_id')::bigint"
_COLUMNS = """id, state, title, terms, facts, drafted_at, drafted_by, decided_at, decided_by, note, live_from,
    ended_at, reason, paused_for, settled, remote, failures, next_at, trouble, result, measured_at"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One offer.

    ``state`` is ``draft``, ``approved``, ``live``, ``paused`` or ``retired``; ``settled`` says that Shopify
    holds what the state asks for. ``facts`` is what spoke for it when it was drafted, ``remote`` what was made
    of it in Shopify. ``reason`` says in words why it is paused or retired; ``paused_for`` is empty where a
    person said so, else ``stock``, ``margin``, ``season``, ``end``, ``uses``, ``gone`` or ``off``. ``trouble``
    is what somebody has to see to.
    """

    id: int
    state: str
    title: str
    terms: Terms
    facts: dict[str, Any]
    drafted_at: datetime
    drafted_by: str
    decided_at: datetime | None
    decided_by: str
    note: str
    live_from: datetime | None
    ended_at: datetime | None
    reason: str
    paused_for: str
    settled: bool
    remote: dict[str, Any]
    failures: int
    next_at: datetime | None
    trouble: str
    result: dict[str, Any]
    measured_at: datetime | None

    @property
    def fingerprint(self) -> str:
        """Return 64 hexadecimal digits that stand for exactly this title and these terms."""
        return sha256(f"{self.title}\n{self.terms.fingerprint}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BundleStep:
    """One call for a bundle: ``state`` is ``sent``, ``done``, ``refused`` or ``unknown``."""

    no: int
    deed: str
    state: str
    remote_id: str | None
    words: str
    at: datetime


def add_draft(
    connection: Connection, title: str, terms: Terms, facts: Mapping[str, Any], *, who: str, at: datetime
) -> Bundle:
    """Keep a new draft."""
    row = connection.execute(
        text(f"""
            INSERT INTO bundles (shop_id, title, terms, facts, drafted_at, drafted_by)
            VALUES ({_SHOP}, :title, CAST(:terms AS jsonb), CAST(:facts AS jsonb), :at, :who)
            RETURNING {_COLUMNS}"""),
        {
            "title": title,
            "terms": json.dumps(terms.to_json()),
            "facts": json.dumps(dict(facts)),
            "at": at,
            "who": who,
        },
    ).one()
    return _bundle(row)


def write_draft(connection: Connection, bundle_id: int, title: str, terms: Terms) -> None:
    """Give a draft another title and other terms; whatever is no draft any more is left alone."""
    connection.execute(
        text("""
            UPDATE bundles SET title = :title, terms = CAST(:terms AS jsonb)
            WHERE id = :id AND state = 'draft'"""),
        {"id": bundle_id, "title": title, "terms": json.dumps(terms.to_json())},
    )


def find(connection: Connection, bundle_id: int) -> Bundle | None:
    """Return one bundle, ``None`` where there is none of that number."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM bundles WHERE id = :id"), {"id": bundle_id}
    ).one_or_none()
    return None if row is None else _bundle(row)


def lock(connection: Connection, bundle_id: int) -> Bundle | None:
    """Return one bundle, and let nobody else change it before this transaction ends."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM bundles WHERE id = :id FOR UPDATE"), {"id": bundle_id}
    ).one_or_none()
    return None if row is None else _bundle(row)


def list_bundles(
    connection: Connection, *, states: Sequence[str] | None = None, segment: str | None = None
) -> list[Bundle]:
    """Return bundles (in these states, for this segment), newest first."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM bundles
            WHERE (CAST(:states AS text[]) IS NULL OR state = ANY(CAST(:states AS text[])))
              AND (CAST(:segment AS text) IS NULL OR terms ->> 'segment' = :segment)
            ORDER BY id DESC"""),
        {"states": None if states is None else list(states), "segment": segment},
    )
    return [_bundle(row) for row in rows]


def list_to_keep(connection: Connection) -> list[Bundle]:
    """Return what Shopify is to be kept in step with, oldest first: all that is decided on and not over."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM bundles
            WHERE state IN ('approved', 'live', 'paused') OR NOT settled ORDER BY id""")
    )
    return [_bundle(row) for row in rows]


def list_made_products(connection: Connection) -> list[int]:
    """Return Shopify's numbers of the products made for fixed bundles: they are no merchandise of the shop."""
    rows = connection.execute(
        text("""
            SELECT DISTINCT substring(made.id FROM '[0-9]+$')::bigint
            FROM bundles, LATERAL (SELECT COALESCE(remote ->> 'id', remote ->> 'was') AS id) AS made
            WHERE made.id LIKE 'gid://shopify/Product/%'""")
    )
    return list(rows.scalars())


def has_code(connection: Connection, code: str, *, but: int | None = None) -> bool:
    """Tell whether a bundle that is decided on and not gone (and not ``but``) has this code, in any case."""
    return bool(
        connection.execute(
            text("""
                SELECT EXISTS (SELECT FROM bundles
                    WHERE lower(terms ->> 'code') = lower(:code)
                      AND (state IN ('approved', 'live', 'paused') OR NOT settled)
                      AND id IS DISTINCT FROM CAST(:but AS bigint))"""),
            {"code": code, "but": but},
        ).scalar_one()
    )


def decide(
    connection: Connection, bundle_id: int, state: str, *, who: str, at: datetime, note: str, reason: str = ""
) -> None:
    """Write what a person decided; Shopify is to follow."""
    connection.execute(
        text("""
            UPDATE bundles SET state = :state, decided_at = :at, decided_by = :who, note = :note,
                reason = :reason, paused_for = '', settled = false, failures = 0, next_at = NULL, trouble = '',
                ended_at = CASE WHEN :state = 'retired' THEN COALESCE(ended_at, :at) END
            WHERE id = :id"""),
        {"id": bundle_id, "state": state, "at": at, "who": who, "note": note, "reason": reason},
    )


def pause_itself(
    connection: Connection, bundle_id: int, cause: str, *, words: str, ended_at: datetime | None = None
) -> None:
    """Pause a bundle that nobody paused, with the cause and why in words; Shopify is to follow.

    ``ended_at`` is given where it is over for good.
    """
    connection.execute(
        text("""
            UPDATE bundles SET state = 'paused', paused_for = :cause, reason = :words, settled = false,
                failures = 0, next_at = NULL, trouble = '', ended_at = CAST(:ended AS timestamptz)
            WHERE id = :id"""),
        {"id": bundle_id, "cause": cause, "words": words, "ended": ended_at},
    )


def resume_itself(connection: Connection, bundle_id: int) -> None:
    """Let a bundle go on that paused itself: live again, or approved where it never was."""
    connection.execute(
        text("""
            UPDATE bundles SET state = CASE WHEN live_from IS NULL THEN 'approved' ELSE 'live' END,
                paused_for = '', reason = '', settled = false, failures = 0, next_at = NULL, trouble = ''
            WHERE id = :id"""),
        {"id": bundle_id},
    )


def go_live(connection: Connection, bundle_id: int, *, at: datetime) -> bool:
    """Say that an approved bundle is live; return whether it is so for the first time."""
    is_first = connection.execute(
        text("SELECT live_from IS NULL FROM bundles WHERE id = :id"), {"id": bundle_id}
    ).scalar_one()
    connection.execute(
        text("UPDATE bundles SET state = 'live', live_from = COALESCE(live_from, :at) WHERE id = :id"),
        {"id": bundle_id, "at": at},
    )
    return bool(is_first)


def write_plan(connection: Connection, bundle_id: int, *, treatment_ratio: float) -> None:
    """Keep which share of its segment an offer was planned for when it went live, 0 to 1."""
    connection.execute(
        text("UPDATE bundles SET facts = facts || CAST(:plan AS jsonb) WHERE id = :id"),
        {"id": bundle_id, "plan": json.dumps({"treatment_ratio": treatment_ratio})},
    )


def settle(connection: Connection, bundle_id: int, *, trouble: str = "") -> None:
    """Say that Shopify holds what the state asks for; ``trouble`` is what is to be known all the same."""
    connection.execute(
        text(
            "UPDATE bundles SET settled = true, failures = 0, next_at = NULL, trouble = :trouble WHERE id = :id"
        ),
        {"id": bundle_id, "trouble": trouble},
    )


def put_off(connection: Connection, bundle_id: int, *, until: datetime, trouble: str, failed: bool) -> None:
    """Look at a bundle again later only; ``failed`` counts one more failure in a row."""
    connection.execute(
        text("""
            UPDATE bundles SET next_at = :until, trouble = :trouble,
                failures = CASE WHEN :failed THEN failures + 1 ELSE failures END
            WHERE id = :id"""),
        {"id": bundle_id, "until": until, "trouble": trouble, "failed": failed},
    )


def try_again(connection: Connection) -> None:
    """Let whatever is put off be tried at once: what it waited for may be there."""
    connection.execute(text("UPDATE bundles SET next_at = NULL WHERE next_at IS NOT NULL"))


def write_remote(connection: Connection, bundle_id: int, remote: Mapping[str, Any]) -> None:
    """Keep what was made of a bundle in Shopify."""
    connection.execute(
        text("UPDATE bundles SET remote = CAST(:remote AS jsonb) WHERE id = :id"),
        {"id": bundle_id, "remote": json.dumps(dict(remote))},
    )


def write_result(connection: Connection, bundle_id: int, result: Mapping[str, Any], *, at: datetime) -> None:
    """Keep what came of a bundle so far."""
    connection.execute(
        text("UPDATE bundles SET result = CAST(:result AS jsonb), measured_at = :at WHERE id = :id"),
        {"id": bundle_id, "result": json.dumps(dict(result)), "at": at},
    )


def _bundle(row: Row[Any]) -> Bundle:
    values = row._asdict()
    return Bundle(**{**values, "terms": Terms.from_json(values["terms"])})
