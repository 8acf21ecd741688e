from segment_frames import features

from shop_app.segments.edge_words import describe_marks
from shop_app.segments.rfm import fit_rfm
from shop_app.segments.rfm_edges import MeasureEdges


def euros(cents):
    return f"€{cents / 100:.2f}"


def test_every_mark_is_said_in_days_orders_and_money():
    words = describe_marks(fit_rfm(features({"total_spent": 5_000})), euros)
    assert words["recency_days"] == {
        1: "240 days ago or more",
        2: "120 to less than 240 days ago",
        3: "60 to less than 120 days ago",
        4: "30 to less than 60 days ago",
        5: "less than 30 days ago",
    }
    assert words["order_count"] == {
        1: "1 order",
        2: "2 orders",
        3: "3 orders",
        4: "4 or 5 orders",
        5: "6 orders or more",
    }
    assert words["total_spent"][1] == "less than €37.50"
    assert words["total_spent"][2] == "€37.50 to below €75.00"
    assert words["total_spent"][5] == "€250.00 or more"


def test_three_levels_and_odd_edges_are_said_too():
    edges = MeasureEdges((9.53, 39.99999), (3, 9), (100, 200), {})
    words = describe_marks(edges, euros)
    assert words["recency_days"] == {
        1: "40 days ago or more",
        2: "9.5 to less than 40 days ago",
        3: "less than 9.5 days ago",
    }
    assert words["order_count"] == {1: "1 or 2 orders", 2: "3 to 8 orders", 3: "9 orders or more"}
