"""One page of customers with their names: a segment's, a grid cell's, or everybody's."""

from dataclasses import dataclass
from datetime import datetime

from shop_app.storage import customer_scores, people
from shop_app.storage.engine import transaction


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer as a list shows them; money in the shop's minor units, "" where nothing is known."""

    customer_id: int
    segment: str
    rfm_group: str
    order_count: int
    total_spent: int
    last_order_at: datetime | None
    recency_days: float | None
    average_order_value: float | None
    recency_mark: int | None
    frequency_mark: int | None
    monetary_mark: int | None
    churn_probability_90d: float | None
    predicted_clv_365d: float | None
    is_outlier: bool | None
    name: str
    email: str


def list_customers(
    shop_id: int,
    *,
    segment: str | None = None,
    rfm_group: str | None = None,
    cell: tuple[int, int] | None = None,
    sort: str = "spent",
    after: tuple[int | None, int] | None = None,
    limit: int = 50,
) -> list[CustomerRow]:
    """Return the next customers, the greatest first: by ``spent``, ``recent`` or ``orders``.

    ``rfm_group`` asks for one of the RFM groups, whichever the segments are; ``cell`` is a field (recency mark,
    value mark) of the grid; ``after`` is the sort value (money, microseconds since 1970, a count, ``None`` for
    nothing) and the id of the last row that was shown.
    """
    with transaction(shop_id) as connection:
        rows = customer_scores.list_in_segment(
            connection,
            segment=segment,
            rfm_group=rfm_group,
            cell=cell,
            sort=sort,
            after=after,
            limit=limit,
        )
        known = people.read_contacts(connection, shop_id, [row["customer_id"] for row in rows])
    return [
        CustomerRow(**row, name=known[row["customer_id"]].name, email=known[row["customer_id"]].email)
        for row in rows
    ]
