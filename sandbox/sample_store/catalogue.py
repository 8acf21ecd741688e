"""What the shop sells: five lines, each with a house brand of its own, and what was planted among them.

Shop, brands and titles are invented. Two lines of the list are no merchandise: the gift card and the free
sample; both stand outside the five.
"""

from typing import NamedTuple

import numpy as np

from sandbox.sample_store.draws import Ints

SHOP_NAME = "Thistle & Quire"
CURRENCY = "USD"
TIMEZONE = "America/New_York"

TEA, TEAWARE, BISCUITS, BOOKS, CANDLES, CARDS, SAMPLES = range(7)
LINE_NAMES = ("Loose tea", "Teaware", "Biscuits", "Books", "Candles", "Gift cards", "Samples")
VENDORS = (
    "Thistledown Leaf",
    "Kilnhollow",
    "Crumb Lane Bakehouse",
    "Quillback Books",
    "Hearthwick",
    SHOP_NAME,
    SHOP_NAME,
)
LINE_COUNT = 5
COST_PERCENT = (34, 46, 41, 55, 30, 100, 0)  # what the shop pays, of its own price


class Product(NamedTuple):
    """One variant, which is what an order line names."""

    sku: str
    title: str
    line: int
    cents: int
    weight: int  # how popular inside its line
    months: tuple[int, ...] = ()  # sold in these months only; empty: all year
    was_cents: int = 0  # compare-at price; 0: none


# line prefix; then title; price in cents; popularity; months or compare-at price where there is one
_TEAS = (
    ("Harbour Breakfast - 100 g", 1150, 70),
    ("Harbour Breakfast - 250 g", 2450, 45),
    ("Moorland Smoke - 100 g", 1290, 34),
    ("Lantern Grey - 100 g", 1190, 50),
    ("Lantern Grey - 250 g", 2550, 28),
    ("Jasmine Veil - 100 g", 1590, 34),
    ("Silver Fern Green - 100 g", 1390, 30),
    ("Stone Bridge Matcha - 40 g", 2900, 28),
    ("Pedlar's Chai - 100 g", 1250, 36),
    ("Pedlar's Chai - 250 g", 2690, 20),
    ("Midnight Peppermint - 60 g", 980, 32),
    ("Ember Rooibos - 100 g", 1050, 32),
    ("Chamomile Hush - 60 g", 990, 34),
    ("Amber Gate Oolong - 100 g", 1790, 22),
    ("White Peony Quill - 50 g", 1850, 14),
    ("Gunpowder Drum - 100 g", 1090, 18),
    ("Hedgerow Blackcurrant - 100 g", 1090, 24),
    ("Apple & Thyme - 100 g", 1020, 20),
    ("Nettle Meadow - 60 g", 890, 12),
    ("Cacao Husk - 100 g", 1120, 16),
    ("Lemon Verbena - 50 g", 1040, 18),
    ("Caravan Trail - 100 g", 1350, 20),
    ("Toasted Rice Green - 100 g", 1280, 18),
    ("Cellar Pu-erh - 100 g", 2150, 10),
    ("First Flush Ridge - 50 g", 2250, 12, (4, 5, 6, 7)),
    ("Winter Spice - 100 g", 1250, 60, (10, 11, 12, 1)),
    ("Orchard Cold Brew - 8 bags", 1390, 45, (5, 6, 7, 8)),
)
_TEAWARE = (
    ("Cast-Iron Teapot 0.8 l", 6800, 0),
    ("Teapot Warmer with Tealight", 2400, 3),
    ("Glass Tasting Cup", 1400, 22),
    ("Stoneware Mug - Moss", 1900, 34),
    ("Stoneware Mug - Chalk", 1900, 32),
    ("Two-Cup Set in a Box", 4200, 40),
    ("Bamboo Whisk", 1600, 14),
    ("Matcha Bowl", 3200, 12),
    ("Fine Mesh Strainer", 1150, 30),
    ("Brew Basket with Lid", 1450, 28),
    ("Tea Caddy - 100 g", 1350, 26),
    ("Tea Caddy - 250 g", 1750, 18),
    ("Travel Flask 0.4 l", 3400, 22),
    ("Linen Tea Towel", 1200, 24, (), 1500),
    ("Walnut Tray", 5400, 10),
    ("Hourglass Timer", 990, 20, (), 1290),
)
_BISCUITS = (
    ("Dark Ginger Snaps", 690, 24),
    ("Lemon Shortbread", 720, 24),
    ("Dark Chocolate Thins", 850, 24),
    ("Oat & Honey Crumbles", 650, 22),
    ("Butter Biscuits - Case of 6", 3600, 4),
    ("Hazelnut Rings", 780, 26),
    ("Almond Crescents", 820, 24),
    ("Rye Crackers with Seeds", 620, 22),
    ("Cardamom Twists", 740, 20),
    ("Orange Marmalade Hearts", 790, 22),
    ("Spelt Digestives", 590, 26),
    ("Raspberry Sandwich Biscuits", 760, 20, (), 890),
    ("Spiced Gingerbread House", 2600, 50, (11, 12)),
    ("Salted Caramel Wafers", 880, 24),
    ("Vanilla Rusks", 640, 14),
)
_BOOKS = (
    ("The Lantern Keeper, Book One", 1699, 0),
    ("The Lantern Keeper, Book Two", 1799, 3),
    ("A Field Guide to Fog", 2200, 30),
    ("Mystery Parcel: a Book by Post", 1400, 16),
    ("Tea for Two Detectives", 1299, 28),
    ("The Quiet Ferryman", 1499, 22),
    ("Small Gardens, Large Pots", 2800, 20),
    ("Letters from Alder Hook", 1599, 20),
    ("One Hundred Slow Breakfasts", 3200, 24),
    ("The Beekeeper's Ledger", 1699, 18),
    ("Paper Boats", 999, 22),
    ("A History of Kettles", 2600, 14),
    ("Knitting by Lamplight", 2400, 18),
    ("The Salt Path Atlas", 3500, 8, (), 3900),
    ("Advent in Twenty-Four Stories", 2100, 50, (10, 11, 12)),
    ("Rain on Tin: Poems", 1199, 12),
)
_CANDLES = (
    ("Fog on the Moor Candle", 2800, 30),
    ("Honeycomb Pillar Candle", 1800, 16),
    ("Cedar Shelf Candle", 2800, 26),
    ("Fig & Pepper Candle", 2800, 24),
    ("Rain Barrel Candle", 2600, 20),
    ("Library Dust Candle", 2600, 24),
    ("Beeswax Tapers - Set of 4", 1600, 22),
    ("Travel Tin Candle - Mint", 1200, 22),
    ("Travel Tin Candle - Rose", 1200, 22),
    ("Wick Trimmer", 1500, 12),
    ("Brass Candle Dish", 2200, 12),
    ("Christmas Hearth Candle", 3000, 60, (10, 11, 12)),
)


def _line(prefix: str, line: int, rows: tuple[tuple[object, ...], ...]) -> list[Product]:
    return [Product(f"{prefix}-{number:03d}", row[0], line, *row[1:]) for number, row in enumerate(rows, 1)]  # type: ignore[arg-type]


PRODUCTS: tuple[Product, ...] = (
    *_line("TEA", TEA, _TEAS),
    *_line("WARE", TEAWARE, _TEAWARE),
    *_line("BISC", BISCUITS, _BISCUITS),
    *_line("BOOK", BOOKS, _BOOKS),
    *_line("CNDL", CANDLES, _CANDLES),
    Product("", "Gift Card - $25", CARDS, 2500, 0),
    Product("", "Gift Card - $50", CARDS, 5000, 0),
    Product("SMPL-001", "Sample Sachet", SAMPLES, 0, 0),
)
GIFT_CARDS = (len(PRODUCTS) - 3, len(PRODUCTS) - 2)
SAMPLE = len(PRODUCTS) - 1

PRICES: Ints = np.array([product.cents for product in PRODUCTS], dtype=np.int64)
LINES: Ints = np.array([product.line for product in PRODUCTS], dtype=np.int64)

# One product changed its name on the way, under the same sku: data health should notice.
RENAMED_SKU = "BOOK-012"
OLD_TITLE = "Kettles: A History"


def index_of(title: str) -> int:
    """Return the position of the product with exactly this title."""
    return [product.title for product in PRODUCTS].index(title)
