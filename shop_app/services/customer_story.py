"""What is told of one customer, on screen and on the command line alike; money in minor units."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class MarkStory:
    """One of the three marks, 1 to 5, and what it rests on."""

    measure: str
    mark: int
    words: str


@dataclass(frozen=True, slots=True)
class LineStory:
    """One line of an order, in the order's currency."""

    title: str
    quantity: float
    unit_price: int
    total: int
    is_gift_card: bool


@dataclass(frozen=True, slots=True)
class RefundStory:
    """Money given back; ``order_found_by`` is ``stated``, ``matched`` or ``none``."""

    refunded_at: datetime | None
    amount: int
    currency: str
    order_found_by: str


@dataclass(frozen=True, slots=True)
class OrderStory:
    """One order and whether it counts; ``paid``, ``refunded``, ``net_revenue`` in the shop's currency.

    These three are ``None`` where no rate leads from the order's currency to the shop's. ``words`` is "" for
    an order that counts, else the reason why not.
    """

    order_id: int
    name: str
    processed_at: datetime
    verdict: str
    words: str
    currency: str
    total: int
    paid: int | None
    refunded: int | None
    net_revenue: int | None
    discount: int | None
    discount_codes: tuple[str, ...]
    channel: str | None
    lines: tuple[LineStory, ...]
    refunds: tuple[RefundStory, ...]


@dataclass(frozen=True, slots=True)
class IdentityStory:
    """One of the customer rows that this person is made of, and why it is taken for them."""

    customer_id: int
    shopify_id: int | None
    source: str
    source_key: str | None
    name: str
    email: str
    phone: str
    order_count: int
    kept_apart: bool
    why: str


@dataclass(frozen=True, slots=True)
class ChangeStory:
    """One move between segments; ``None`` on a side: no customer of their own before, or since."""

    changed_at: datetime
    from_name: str | None
    to_name: str | None


@dataclass(frozen=True, slots=True)
class CustomerStory:
    """One person: details, segment and why, figures, every order, every row, every move.

    ``why`` says what the segment rests on, ``moves`` what would put the person into another one; predictions
    that this shop does not publish are ``None``.
    """

    customer_id: int
    shopify_id: int | None
    name: str
    email: str
    phone: str
    email_consent: str | None
    sms_consent: str | None
    data_sale_opt_out: bool | None
    tags: tuple[str, ...]
    country: str | None
    created_at: datetime | None
    signup_source: str | None
    currency: str
    timezone: str
    as_of: datetime
    segment: str
    segment_name: str
    segment_since: datetime | None
    rfm_group: str
    rfm_group_name: str
    own_segments: tuple[str, ...]
    is_outlier: bool | None
    reason: str
    why: tuple[str, ...]
    moves: tuple[str, ...]
    marks: tuple[MarkStory, ...]
    order_count: int
    total_spent: int
    average_order_value: float | None
    first_order_at: datetime | None
    last_order_at: datetime | None
    recency_days: float | None
    interval_median_days: float | None
    discount_share_ratio: float | None
    refund_rate_ratio: float | None
    items_per_order: float | None
    top_category: str | None
    expected_orders_90d: float | None
    order_probability_90d: float | None
    churn_probability_90d: float | None
    predicted_clv_365d: float | None
    predicted_clv_365d_low: float | None
    predicted_clv_365d_high: float | None
    next_order_from: date | None
    next_order_to: date | None
    send_hour: int | None
    send_weekday: int | None
    price_sensitivity_index: float | None
    usual_gap_days: float | None
    cadence_drift_ratio: float | None
    affinity_category: str | None
    affinity_ratio: float | None
    orders: tuple[OrderStory, ...]
    older_order_count: int
    loose_refunds: tuple[RefundStory, ...]
    identities: tuple[IdentityStory, ...]
    changes: tuple[ChangeStory, ...]
