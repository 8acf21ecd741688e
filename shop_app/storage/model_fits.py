"""Fitted parameters as data: every fit that was made, what state it is in, and which one is live."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

_COLUMNS = "id, kind, version, state, as_of, fitted_at, customer_count, parameters"
_CARD = "id, kind, version, state, as_of, fitted_at, customer_count, reason, owner, note, review_at, live_from"


@dataclass(frozen=True, slots=True)
class ModelFit:
    """One fit: its parameters, the moment it is true for, and how many customers it was made of."""

    id: int
    kind: str
    version: int
    state: str
    as_of: datetime
    fitted_at: datetime
    customer_count: int
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FitCard:
    """What is told of a fit without its parameters: ``live_from`` is the first moment it labelled for."""

    id: int
    kind: str
    version: int
    state: str
    as_of: datetime
    fitted_at: datetime
    customer_count: int
    reason: str
    owner: str
    note: str
    review_at: date | None
    live_from: datetime | None


def find_live(connection: Connection, kind: str) -> ModelFit | None:
    """Return the fit that scores are made with, or ``None`` before the first one."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM model_fits WHERE live AND kind = :kind"), {"kind": kind}
    ).one_or_none()
    return ModelFit(*row) if row else None


def find_live_at(connection: Connection, kind: str, moment: datetime) -> ModelFit | None:
    """Return the fit that scores for that moment were made with, or ``None`` before the first one."""
    row = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM model_fits WHERE kind = :kind AND live_from <= :moment
            ORDER BY live_from DESC, id DESC LIMIT 1"""),
        {"kind": kind, "moment": moment},
    ).one_or_none()
    return ModelFit(*row) if row else None


def find(connection: Connection, fit_id: int) -> ModelFit | None:
    """Return one fit with its parameters."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM model_fits WHERE id = :id"), {"id": fit_id}
    ).one_or_none()
    return ModelFit(*row) if row else None


def find_card(connection: Connection, fit_id: int) -> FitCard | None:
    """Return what is told of one fit."""
    row = connection.execute(
        text(f"SELECT {_CARD} FROM model_fits WHERE id = :id"), {"id": fit_id}
    ).one_or_none()
    return FitCard(*row) if row else None


def list_cards(connection: Connection, kind: str, *, limit: int = 50) -> list[FitCard]:
    """Return what is told of the fits of a kind, newest first."""
    rows = connection.execute(
        text(f"SELECT {_CARD} FROM model_fits WHERE kind = :kind ORDER BY id DESC LIMIT :limit"),
        {"kind": kind, "limit": limit},
    )
    return [FitCard(*row) for row in rows]


def read_measures(connection: Connection, fit_id: int) -> dict[str, Any]:
    """Return what was measured of a fit when it was made; empty for one that is not there."""
    measures: dict[str, Any] | None = connection.execute(
        text("SELECT measures FROM model_fits WHERE id = :id"), {"id": fit_id}
    ).scalar_one_or_none()
    return measures or {}


def add_live(
    connection: Connection, *, kind: str, as_of: datetime, customer_count: int, parameters: Mapping[str, Any]
) -> ModelFit:
    """Store a fit and make it the live one of its kind; the one before stays as history."""
    fit = add_draft(
        connection, kind=kind, as_of=as_of, customer_count=customer_count, parameters=parameters, measures={}
    )
    make_live(connection, fit, live_from=as_of)
    return fit


def add_draft(
    connection: Connection,
    *,
    kind: str,
    as_of: datetime,
    customer_count: int,
    parameters: Mapping[str, Any],
    measures: Mapping[str, Any],
    reason: str = "",
) -> ModelFit:
    """Store a fit that nothing is scored with yet."""
    row = connection.execute(
        text(f"""
            INSERT INTO model_fits (shop_id, kind, version, state, as_of, fitted_at, customer_count, parameters,
                                    measures, reason)
            VALUES (current_setting('app.shop_id')::bigint, :kind,
                    1 + (SELECT coalesce(max(version), 0) FROM model_fits WHERE kind = :kind), 'draft', :as_of,
                    clock_timestamp(), :customer_count, CAST(:parameters AS jsonb), CAST(:measures AS jsonb),
                    :reason)
            RETURNING {_COLUMNS}"""),
        {
            "kind": kind,
            "as_of": as_of,
            "customer_count": customer_count,
            "parameters": json.dumps(parameters, sort_keys=True, allow_nan=False),
            "measures": json.dumps(measures, sort_keys=True, allow_nan=False),
            "reason": reason,
        },
    ).one()
    return ModelFit(*row)


def set_state(connection: Connection, fit_id: int, state: str) -> None:
    """Move a fit that is not live to another state."""
    connection.execute(
        text("UPDATE model_fits SET state = :state WHERE id = :id"), {"id": fit_id, "state": state}
    )


def make_live(connection: Connection, fit: ModelFit, *, live_from: datetime) -> None:
    """Score with this fit from that moment of the shop's time on; the one before is retired."""
    connection.execute(
        text("UPDATE model_fits SET live = false, state = 'retired' WHERE live AND kind = :kind"),
        {"kind": fit.kind},
    )
    connection.execute(
        text("UPDATE model_fits SET live = true, state = 'live', live_from = :live_from WHERE id = :id"),
        {"id": fit.id, "live_from": live_from},
    )


def write_note(connection: Connection, fit_id: int, note: str) -> None:
    """Note down what is to be said of a fit."""
    connection.execute(text("UPDATE model_fits SET note = :note WHERE id = :id"), {"note": note, "id": fit_id})


def write_care(connection: Connection, fit_id: int, *, owner: str, note: str, review_at: date | None) -> None:
    """Note down who looks after a fit, what they say of it, and when it is to be looked at again."""
    connection.execute(
        text("UPDATE model_fits SET owner = :owner, note = :note, review_at = :review_at WHERE id = :id"),
        {"id": fit_id, "owner": owner, "note": note, "review_at": review_at},
    )
