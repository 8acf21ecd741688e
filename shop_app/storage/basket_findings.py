"""What was found among a shop's baskets: one run with its findings, each kind in the order it is shown in.

A finding is plain values. Only the newest run is kept: what was found earlier is worked out again from orders.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"


@dataclass(frozen=True, slots=True)
class Run:
    """One look at all baskets: for which moment, when, and what it was made of."""

    id: int
    as_of: datetime
    made_at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; ``segment`` is "" for the whole store, ``rank`` counts from 1 within kind and segment."""

    kind: str
    segment: str
    rank: int
    key: str
    facts: dict[str, Any]


def write(
    connection: Connection,
    *,
    as_of: datetime,
    at: datetime,
    facts: Mapping[str, Any],
    findings: Sequence[Finding],
) -> Run:
    """Keep a run in the place of the one before it."""
    connection.execute(text("DELETE FROM basket_findings"))
    connection.execute(text("DELETE FROM basket_runs"))
    run_id = connection.execute(
        text(f"""
            INSERT INTO basket_runs (shop_id, as_of, made_at, facts)
            VALUES ({_SHOP}, :as_of, :at, CAST(:facts AS jsonb)) RETURNING id"""),
        {"as_of": as_of, "at": at, "facts": json.dumps(dict(facts))},
    ).scalar_one()
    if findings:
        connection.execute(
            text(f"""
                INSERT INTO basket_findings (shop_id, run_id, kind, segment, rank, key, facts)
                SELECT {_SHOP}, :run, kind, segment, rank, key, facts
                FROM jsonb_to_recordset(CAST(:rows AS jsonb))
                    AS given (kind text, segment text, rank int, key text, facts jsonb)"""),
            {
                "run": run_id,
                "rows": json.dumps(
                    [
                        {
                            "kind": each.kind,
                            "segment": each.segment,
                            "rank": each.rank,
                            "key": each.key,
                            "facts": each.facts,
                        }
                        for each in findings
                    ]
                ),
            },
        )
    return Run(run_id, as_of, at, dict(facts))


def newest_run(connection: Connection) -> Run | None:
    """Return the newest run, ``None`` before the first."""
    row = connection.execute(
        text("SELECT id, as_of, made_at, facts FROM basket_runs ORDER BY id DESC LIMIT 1")
    ).one_or_none()
    return None if row is None else Run(*row)


def list_findings(
    connection: Connection,
    kind: str,
    *,
    segment: str = "",
    form: str | None = None,
    after_rank: int = 0,
    limit: int = 50,
) -> list[Finding]:
    """Return findings of one kind and segment, in their order; ``form`` is that of a candidate's terms."""
    rows = connection.execute(
        text("""
            SELECT kind, segment, rank, key, facts FROM basket_findings
            WHERE kind = :kind AND segment = :segment AND rank > :after
              AND (CAST(:form AS text) IS NULL OR facts #>> '{terms,form}' = :form)
            ORDER BY rank LIMIT :limit"""),
        {"kind": kind, "segment": segment, "form": form, "after": after_rank, "limit": limit},
    )
    return [Finding(*row) for row in rows]


def list_candidates_about(
    connection: Connection, item_ids: Collection[int], *, segments: Collection[str], but_form: str
) -> list[Finding]:
    """Return the candidates of another form that speak of one of these items, by segment in their order."""
    rows = connection.execute(
        text("""
            SELECT kind, segment, rank, key, facts FROM basket_findings
            WHERE kind = 'candidate' AND segment = ANY(:segments) AND facts #>> '{terms,form}' <> :form
              AND EXISTS (
                  SELECT FROM jsonb_array_elements_text(
                      (facts #> '{terms,buys}') || (facts #> '{terms,gets}')
                      || jsonb_path_query_array(facts, '$.terms.parts[*].item_id')) AS item
                  WHERE item = ANY(:items))
            ORDER BY segment, rank"""),
        {"segments": list(segments), "form": but_form, "items": [str(each) for each in item_ids]},
    )
    return [Finding(*row) for row in rows]


def find(connection: Connection, kind: str, key: str, *, segment: str = "") -> Finding | None:
    """Return one finding by its key, ``None`` where it is not (or no longer) found."""
    row = connection.execute(
        text("""
            SELECT kind, segment, rank, key, facts FROM basket_findings
            WHERE kind = :kind AND segment = :segment AND key = :key ORDER BY rank LIMIT 1"""),
        {"kind": kind, "segment": segment, "key": key},
    ).one_or_none()
    return None if row is None else Finding(*row)


def count_candidates(connection: Connection, *, segment: str | None, form: str | None) -> int:
    """Return how many candidates there are for a segment and of a form; ``None`` is any."""
    found: int = connection.execute(
        text("""
            SELECT count(*) FROM basket_findings WHERE kind = 'candidate'
              AND (CAST(:segment AS text) IS NULL OR segment = :segment)
              AND (CAST(:form AS text) IS NULL OR facts #>> '{terms,form}' = :form)"""),
        {"segment": segment, "form": form},
    ).scalar_one()
    return found


def count(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many findings there are by kind and segment."""
    rows = connection.execute(
        text("SELECT kind, segment, count(*) AS findings FROM basket_findings GROUP BY 1, 2")
    )
    return {(row.kind, row.segment): row.findings for row in rows}
