"""What an offer earned and what it cost, to the minor unit."""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from shop_app.bundles.cannibalisation import Anyway


@dataclass(frozen=True, slots=True)
class ProfitAndLoss:
    """The account of one offer; whole minor units of the shop's currency, every line a sum over its orders.

    Attributes
    ----------
    order_count, use_count, customer_count
        Orders that used it, how often they did, and the known people behind them.
    list_price, discount, paid, refunded, net_revenue
        ``list_price - discount = paid``; ``paid - refunded = net_revenue``.
    cost, uncosted_order_count, uncosted_revenue
        What the goods kept by the buyers cost, of the orders where every cost is known; the others are counted,
        and their net revenue stands apart.
    other_costs
        What was spent on the offer besides, as given.
    margin
        ``net_revenue - uncosted_revenue - cost - other_costs``: nothing is earned on goods of unknown cost.
    discount_to_anyway
        Of ``discount``, what went to those who would have bought all of it at the full price: an estimate.
    """

    order_count: int
    use_count: int
    customer_count: int
    list_price: int
    discount: int
    paid: int
    refunded: int
    net_revenue: int
    cost: int
    uncosted_order_count: int
    uncosted_revenue: int
    other_costs: int
    margin: int
    discount_to_anyway: int | None

    @property
    def order_value(self) -> float | None:
        """Return what the offer's goods brought per order, after refunds; ``None`` without orders."""
        return self.net_revenue / self.order_count if self.order_count else None

    @property
    def margin_ratio(self) -> float | None:
        """Return the margin as a share of the revenue whose cost is known; ``None`` where there is none."""
        known = self.net_revenue - self.uncosted_revenue
        return self.margin / known if known > 0 else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as they are kept and shown."""
        return asdict(self) | {"order_value": self.order_value, "margin_ratio": self.margin_ratio}


def profit_and_loss(
    usage: pl.DataFrame, *, other_costs: int = 0, cannibalised: Anyway | None = None
) -> ProfitAndLoss:
    """Add up what an offer earned.

    Parameters
    ----------
    usage
        From :func:`~shop_app.bundles.usage.orders_using`.
    other_costs
        Minor units spent on the offer besides goods and discount, 0 or more.
    cannibalised
        How many of its users would have bought all of it anyway; ``None`` where nobody knows.
    """
    sums = {
        name: int(usage[name].sum()) for name in ("times", "list_price", "discount", "paid", "refunded", "cost")
    }
    uncosted = usage.filter(pl.col("cost").is_null())
    uncosted_revenue = int((uncosted["paid"] - uncosted["refunded"]).sum())
    net_revenue = sums["paid"] - sums["refunded"]
    return ProfitAndLoss(
        order_count=usage.height,
        use_count=sums["times"],
        customer_count=usage["customer_id"].drop_nulls().n_unique(),
        list_price=sums["list_price"],
        discount=sums["discount"],
        paid=sums["paid"],
        refunded=sums["refunded"],
        net_revenue=net_revenue,
        cost=sums["cost"],
        uncosted_order_count=uncosted.height,
        uncosted_revenue=uncosted_revenue,
        other_costs=other_costs,
        margin=net_revenue - uncosted_revenue - sums["cost"] - other_costs,
        discount_to_anyway=None if cannibalised is None else round(sums["discount"] * cannibalised.ratio),
    )
