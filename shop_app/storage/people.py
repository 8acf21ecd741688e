"""Which customer rows are one person, and what is known of that person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage.encryption import open_sealed
from shop_app.storage.engine import read_frame

_EVIDENCE_COLUMNS = """c.id AS customer_id, c.email_hash, c.phone_hash, c.merged_into_id, c.kept_apart,
    c.shopify_id, c.person_id AS former_person_id"""
_COMPONENT = """
    WITH RECURSIVE component (id) AS (
        SELECT id FROM customers WHERE id = ANY('{{{ids}}}'::bigint[])
        UNION
        SELECT kin.id FROM component JOIN customers AS own ON own.id = component.id
        CROSS JOIN LATERAL (
            SELECT id FROM customers WHERE email_hash = own.email_hash
            UNION ALL SELECT id FROM customers WHERE phone_hash = own.phone_hash
            UNION ALL SELECT id FROM customers WHERE person_id = own.person_id
            UNION ALL SELECT id FROM customers WHERE id = own.merged_into_id
            UNION ALL SELECT id FROM customers WHERE merged_into_id = own.id) AS kin)"""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer row with its details readable; "" where nothing is known."""

    customer_id: int
    person_id: int
    shopify_id: int | None
    source: str
    source_key: str | None
    email: str
    phone: str
    first_name: str
    last_name: str
    email_hash: bytes | None
    phone_hash: bytes | None
    merged_into_id: int | None
    kept_apart: bool
    email_consent: str | None
    sms_consent: str | None
    data_sale_opt_out: bool | None
    tags: tuple[str, ...]
    country: str | None
    signup_source: str | None
    created_at: datetime | None

    @property
    def name(self) -> str:
        """First and last name, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Contact:
    """A person's name, e-mail address and phone; "" where unknown."""

    name: str
    email: str
    phone: str


def read_evidence(shop_id: int, customer_ids: Sequence[int] | None) -> pl.DataFrame:
    """Return what says who is who: of every row, or of all rows that these are tied to in any way."""
    if customer_ids is None:
        return read_frame(shop_id, f"SELECT {_EVIDENCE_COLUMNS} FROM customers AS c")[0]
    component = _COMPONENT.format(ids=",".join(str(int(customer_id)) for customer_id in customer_ids))
    tied = "c.id IN (SELECT id FROM component)"
    return read_frame(shop_id, f"{component} SELECT {_EVIDENCE_COLUMNS} FROM customers AS c WHERE {tied}")[0]


def set_people(connection: Connection, people: pl.DataFrame) -> None:
    """Write ``person_id`` of these ``customer_id``."""
    connection.execute(
        text("""
            UPDATE customers SET person_id = fresh.person_id
            FROM unnest(CAST(:customers AS bigint[]), CAST(:people AS bigint[]))
                AS fresh (customer_id, person_id)
            WHERE customers.id = fresh.customer_id"""),
        {"customers": people["customer_id"].to_list(), "people": people["person_id"].to_list()},
    )


def find_kept_apart(connection: Connection, customer_id: int) -> bool | None:
    """Return whether this row stands for itself by a person's word; ``None`` where there is no such row."""
    kept_apart: bool | None = connection.execute(
        text("SELECT kept_apart FROM customers WHERE id = :customer_id AND deleted_at IS NULL"),
        {"customer_id": customer_id},
    ).scalar_one_or_none()
    return kept_apart


def count_rows_beside(connection: Connection, customer_id: int) -> int:
    """Return how many other rows are the same person as this one."""
    return int(
        connection.execute(
            text("""
                SELECT count(*) FROM customers AS other JOIN customers AS own USING (person_id)
                WHERE own.id = :customer_id AND other.id <> :customer_id"""),
            {"customer_id": customer_id},
        ).scalar_one()
    )


def set_kept_apart(connection: Connection, customer_id: int, *, kept_apart: bool) -> None:
    """Say whether this row is to stand for itself."""
    connection.execute(
        text("UPDATE customers SET kept_apart = :kept_apart WHERE id = :customer_id"),
        {"customer_id": customer_id, "kept_apart": kept_apart},
    )


def list_people_of(connection: Connection, customer_ids: Iterable[int]) -> list[int]:
    """Return the people that these rows belong to."""
    rows = connection.execute(
        text("""
            SELECT DISTINCT person_id FROM customers
            WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY person_id"""),
        {"ids": list(customer_ids)},
    )
    return list(rows.scalars())


def list_rows(connection: Connection, shop_id: int, person_ids: Sequence[int]) -> list[CustomerRow]:
    """Return the rows of these people with their details, each person's own row first."""
    rows = connection.execute(
        text("""
            SELECT id AS customer_id, person_id, shopify_id, source, source_key, email, phone, first_name,
                   last_name, email_hash, phone_hash, merged_into_id, kept_apart, email_consent, sms_consent,
                   data_sale_opt_out, coalesce(tags, '{}') AS tags, country, signup_source, created_at
            FROM customers WHERE person_id = ANY(CAST(:ids AS bigint[])) AND deleted_at IS NULL
            ORDER BY person_id, id <> person_id, id"""),
        {"ids": list(person_ids)},
    )
    return [_readable(shop_id, **row._asdict()) for row in rows]


def read_contacts(connection: Connection, shop_id: int, person_ids: Sequence[int]) -> dict[int, Contact]:
    """Return how each person is to be reached; what their own row lacks, the next one tells."""
    rows: dict[int, list[CustomerRow]] = {person_id: [] for person_id in person_ids}
    for row in list_rows(connection, shop_id, person_ids):
        rows[row.person_id].append(row)
    return {person_id: contact_of(own) for person_id, own in rows.items()}


def contact_of(rows: Sequence[CustomerRow]) -> Contact:
    """Return what the rows of one person, the own one first, say of name, address and phone."""
    return Contact(
        name=next((row.name for row in rows if row.name), ""),
        email=next((row.email for row in rows if row.email), ""),
        phone=next((row.phone for row in rows if row.phone), ""),
    )


def _readable(shop_id: int, **values: object) -> CustomerRow:
    for column in ("email", "phone", "first_name", "last_name"):
        sealed = values[column]
        values[column] = (
            open_sealed(bytes(sealed), table="customers", column=column, shop_id=shop_id)
            if isinstance(sealed, bytes | memoryview)
            else ""
        )
    tags = values["tags"]
    values["tags"] = tuple(tags) if isinstance(tags, list) else ()
    return CustomerRow(**values)  # type: ignore[arg-type]
