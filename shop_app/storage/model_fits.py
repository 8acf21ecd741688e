"""Fitted parameters as data: every fit that was made, and which one is live."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class ModelFit:
    """One fit: its parameters, the moment it is true for, and how many customers it was made of."""

    id: int
    kind: str
    as_of: datetime
    fitted_at: datetime
    customer_count: int
    parameters: dict[str, Any]


def find_live(connection: Connection, kind: str) -> ModelFit | None:
    """Return the fit that scores are made with, or ``None`` before the first one."""
    row = connection.execute(
        text("""
            SELECT id, kind, as_of, fitted_at, customer_count, parameters
            FROM model_fits WHERE live AND kind = :kind"""),
        {"kind": kind},
    ).one_or_none()
    return ModelFit(*row) if row else None


def add_live(
    connection: Connection,
    *,
    kind: str,
    as_of: datetime,
    customer_count: int,
    parameters: dict[str, Any],
) -> ModelFit:
    """Store a fit and make it the live one of its kind; the one before stays as history."""
    connection.execute(text("UPDATE model_fits SET live = false WHERE live AND kind = :kind"), {"kind": kind})
    row = connection.execute(
        text("""
            INSERT INTO model_fits (shop_id, kind, as_of, fitted_at, customer_count, parameters, live)
            VALUES (current_setting('app.shop_id')::bigint, :kind, :as_of, clock_timestamp(),
                    :customer_count, CAST(:parameters AS jsonb), true)
            RETURNING id, kind, as_of, fitted_at, customer_count, parameters"""),
        {
            "kind": kind,
            "as_of": as_of,
            "customer_count": customer_count,
            "parameters": json.dumps(parameters, sort_keys=True),
        },
    ).one()
    return ModelFit(*row)
