"""A shop whose baskets were looked at: goods with prices, costs and stock, findings as the look writes them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import text
from stored_rows import a_product

from shop_app.bundles.candidate_shape import Candidate, Preview, Step
from shop_app.bundles.cannibalisation import Anyway
from shop_app.bundles.offer_goods import StockLimit
from shop_app.bundles.pricing import Figures
from shop_app.bundles.terms import Form, Part, Terms
from shop_app.storage import basket_findings, connections
from shop_app.storage.basket_findings import Finding
from shop_app.storage.connections import Tokens
from shop_app.storage.engine import shopless, transaction

LOOKED_AT = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)
SEGMENT, SEGMENT_NAME = "champions", "Champions"
SCOPES = (
    *("read_customers", "write_customers", "read_orders", "read_products", "write_products"),
    "write_discounts",
)
_numbers = count(7_000_001)


class BundleShop:
    """Three kinds of goods, of which two sell together; nothing was looked at yet."""

    def __init__(self, shop_id):
        self.shop_id = shop_id
        with shopless() as connection:
            named = connection.execute(text("SELECT domain FROM shops WHERE id = :id"), {"id": shop_id})
            self.domain = named.scalar_one()
        self.pot = self.good("Tea pot", price=4000, cost=1500, stock=60)
        self.cup = self.good("Cup", price=1000, cost=300, stock=400)
        self.spoon = self.good("Spoon <silver>", price=500, cost=100, stock=None)

    @property
    def picked(self):
        return {"shop": self.domain}

    def good(self, title, *, price, cost, stock):
        """Put something on sale in the catalogue; return our number of it."""
        number = next(_numbers)
        with transaction(self.shop_id) as connection:
            connection.execute(
                text("""
                    INSERT INTO catalogue_products (shop_id, shopify_id, title, status, fact_at, told_at)
                    VALUES (:shop, :number, :title, 'active', now(), now())"""),
                {"shop": self.shop_id, "number": number, "title": title},
            )
            connection.execute(
                text("""
                    INSERT INTO catalogue_variants (shop_id, shopify_id, product_shopify_id, price, cost,
                        currency, inventory_quantity, tracked)
                    VALUES (:shop, :number, :number, :price, :cost, 'EUR', :stock, :tracked)"""),
                {
                    "shop": self.shop_id,
                    "number": number,
                    "price": price,
                    "cost": cost,
                    "stock": stock,
                    "tracked": stock is not None,
                },
            )
        return a_product(
            self.shop_id,
            title=title,
            category="Teaware",
            sku=f"SKU-{number}",
            source="shopify",
            source_key=f"variant:{number}",
            shopify_id=number,
        )

    def connected(self):
        """Let the shop stand in Shopify, so that something could be made there."""
        now = datetime.now(UTC)
        pair = Tokens("token", None, None, None, SCOPES)
        with transaction(self.shop_id) as connection:
            connections.connect(
                connection, self.shop_id, pair, grant_kind="token_exchange", installed_at=now, at=now
            )
        return self

    def looked_at(self, *findings, **facts):
        """Keep what a look at the baskets has found; by default one of everything."""
        with transaction(self.shop_id) as connection:
            return basket_findings.write(
                connection,
                as_of=LOOKED_AT,
                at=LOOKED_AT + timedelta(minutes=2),
                facts=RUN | facts,
                findings=findings or self.findings(),
            )

    def findings(self):
        """Return one finding of every kind and a second pair that may be chance."""
        return [
            self.pair(),
            self.pair(rank=2, is_found=False, adjusted_lift=9.0, count=11, b=str(self.spoon), b_name="Spoon"),
            self.set(),
            self.segment_pair(),
            self.sequence(),
            Finding("next", "", 1, "2|pot|cup", NEXT | {"after": str(self.pot), "key": str(self.cup)}),
            Finding("next", "", 2, "3||cup", NEXT | {"place": 3, "after": None, "after_name": None}),
            Finding("one_and_done", "", 1, "spoon", FATE | {"key": str(self.spoon)}),
            Finding("category_pair", "", 1, "Tea|Teaware", VALUES),
            self.candidate(),
            self.candidate(segment=SEGMENT, extra=90_000, title="Tea pot, with Cup 15 % off"),
            self.candidate(form=Form.FIXED, extra=20_000, title="Tea pot & Cup set", rank=2),
            Finding("blocked", "", 1, "blocked-1", {"title": "Spoon + Cup", "reason": "Too little stock."}),
            Finding(
                "left_out",
                "",
                1,
                "9",
                {"item_id": 9, "name": "Gift card", "reason": "gift card", "reason_words": "Money, no goods."},
            ),
            Finding(
                "suggestion",
                "",
                1,
                str(self.pot),
                {"a": str(self.pot), "a_name": "Tea pot", "items": [{"key": str(self.cup), "name": "Cup"}]},
            ),
        ]

    def pair(self, *, rank=1, **changes):
        facts = PAIR | {"a": str(self.pot), "b": str(self.cup)} | changes
        return Finding("pair", "", rank, f"{facts['a']}|{facts['b']}", facts)

    def set(self):
        items = [str(self.pot), str(self.cup), str(self.spoon)]
        facts = PAIR | {"items": items, "names": ["Tea pot", "Cup", "Spoon"], "item_count": 3, "count": 120}
        return Finding("set", "", 1, "|".join(items), facts)

    def segment_pair(self, **changes):
        facts = SEGMENT_PAIR | {"a": str(self.pot), "b": str(self.cup)} | changes
        return Finding("segment_pair", SEGMENT, 1, f"{facts['a']}|{facts['b']}", facts)

    def sequence(self, *, rank=1, **changes):
        facts = SEQUENCE | {"first": str(self.pot), "then": str(self.cup)} | changes
        return Finding("sequence", "", rank, f"{facts['first']}|{facts['then']}", facts)

    def candidate(self, *, form=Form.BUY_GET, segment="", extra=56_100, title="Tea pot, then Cup", rank=1):
        """Return what could be offered, as the look writes it."""
        made = self.made(form, segment, extra, title)
        return Finding("candidate", segment, rank, made.key, made.to_json())

    def made(self, form, segment="", extra=56_100, title="Tea pot, then Cup"):
        terms = Terms(Form.BUY_GET, buys=(self.pot,), gets=(self.cup,), discount_percent=15, segment=segment)
        figures = Figures(5000, 150, 4850, 1800)
        if form is Form.FIXED:
            terms = Terms(form, parts=(Part(self.pot), Part(self.cup)), discount_percent=10, price=4500)
            figures = Figures(5000, 500, 4500, 1800)
        anyway = Anyway(
            0.18, 0.15, 0.21, "18 in 100 who buy the first take the rest as well without any offer."
        )
        return Candidate(
            key=f"{form.value}:{segment}:{self.pot}>{self.cup}",
            title=title,
            terms=terms,
            evidence={"pair": self.pair().facts, "sequence": self.sequence().facts},
            figures=figures,
            worst=figures,
            most_discount_percent=18,
            anyway=anyway,
            cannibalised=replace(
                anyway, words="Of 100 who use it, about 78 would have bought all of it anyway."
            ),
            uses_expected=230,
            would_have_bought=180,
            extra_uses=50,
            extra_margin=extra,
            extra_margin_low=extra // 3,
            extra_margin_high=extra * 2,
            horizon_days=90,
            offer_days=90,
            stock=(StockLimit("Tea pot", 60, 10, 1, 50), StockLimit("Cup", 400, 10, 1, 390)),
            uses_by_stock=50,
            depths=((5, extra // 2), (15, extra)),
            steps=(
                Step("Orders with Tea pot in 90 days", 1000, "count"),
                Step("Assumed: take Cup because it is cheaper", 0.05, "ratio"),
                Step("Expected extra margin in 90 days", extra, "money"),
            ),
            previews=(
                Preview("pure", "One product that holds both.", Figures(5000, 500, 4500, 1800)),
                Preview("mixed", "Both stay single; the Cup is 15 % cheaper.", Figures(5000, 150, 4850, 1800)),
            ),
        )


RUN = {
    "level": "variant",
    "baskets": 10_000,
    "baskets_of_several": 6_000,
    "lines": 21_000,
    "items": 80,
    "customers": 4_000,
    "window_days": 14,
    "days": [20_000, 20_600],
    "capped_baskets": 3,
    "segments": {SEGMENT: {"name": SEGMENT_NAME, "customers": 400, "baskets": 2_000}},
    "words": ["No product of the line Tea has a cost."],
    "enough": True,
}
PAIR = {
    "a_name": "Tea pot",
    "b_name": "Cup",
    "count": 412,
    "a_count": 1200,
    "b_count": 2100,
    "basket_count": 10_000,
    "support": 0.0412,
    "confidence_ab": 412 / 1200,
    "confidence_ba": 412 / 2100,
    "weighted_confidence_ab": 0.4,
    "weighted_confidence_ba": 0.22,
    "lift": 1.63,
    "expected": 130.0,
    "adjusted_lift": 3.2,
    "adjusted_lift_low": 2.9,
    "adjusted_lift_high": 3.5,
    "g": 410.0,
    "p_value": 1e-40,
    "q_value": 1e-37,
    "is_found": True,
}
SEGMENT_PAIR = {
    "segment": SEGMENT,
    "a_name": "Tea pot",
    "b_name": "Cup",
    "count": 150,
    "segment_baskets": 2_000,
    "support": 0.075,
    "store_support": 0.0412,
    "confidence_ab": 0.5,
    "store_confidence_ab": 0.343,
    "confidence_ba": 0.3,
    "store_confidence_ba": 0.196,
    "lift_over_store": 1.8,
    "lift_over_store_low": 1.5,
    "lift_over_store_high": 2.1,
    "q_value": 0.001,
    "is_found": True,
    "is_enough": True,
    "enough_words": "",
}
SEQUENCE = {
    "first_name": "Tea pot",
    "then_name": "Cup",
    "customers": 90,
    "first_customers": 600,
    "share_ratio": 0.15,
    "median_gap_days": 6.0,
    "null_customers": 40.0,
    "ratio": 2.25,
    "ratio_low": 1.8,
    "ratio_high": 2.8,
    "p_value": 1e-9,
    "q_value": 1e-7,
    "is_found": True,
    "reverse_customers": 31,
    "order_q_value": 0.001,
    "is_ordered": True,
}
NEXT = {
    "place": 2,
    "after_name": "Tea pot",
    "key": "cup",
    "name": "Cup",
    "customers": 210,
    "of_customers": 700,
    "share_ratio": 0.3,
    "store_share_ratio": 0.2,
    "lift": 1.5,
    "lift_low": 1.3,
    "lift_high": 1.7,
}
FATE = {
    "name": "Spoon",
    "first_buyers": 300,
    "never_back": 240,
    "share_ratio": 0.8,
    "low": 0.75,
    "high": 0.84,
    "store_share_ratio": 0.6,
    "q_value": 0.001,
    "is_found": True,
}
VALUES = {
    "first": "Tea",
    "second": "Teaware",
    "both_customers": 500,
    "one_customers": 2_000,
    "both_value": 21_000,
    "one_value": 12_000,
    "difference": 9_000,
    "low": 8_000,
    "high": 10_000,
    "is_enough": True,
}
