"""The patterns put into the store on purpose, for tests and for those who judge what is found."""

from typing import NamedTuple

from sandbox.sample_store.catalogue import PRODUCTS, index_of
from sandbox.sample_store.kinds import Kind


class PlantedPair(NamedTuple):
    """Who buys ``first`` adds ``second`` to the same order, with this chance, if of one of these kinds."""

    first: int
    second: int
    myriadths: int
    kinds: tuple[Kind, ...]

    @property
    def first_sku(self) -> str:
        """Return the sku that draws the other in."""
        return PRODUCTS[self.first].sku

    @property
    def second_sku(self) -> str:
        """Return the sku that is added."""
        return PRODUCTS[self.second].sku


class PlantedSequence(NamedTuple):
    """Who buys ``first`` comes back for ``then`` after 2 to ``within_days`` - 1 days, with this chance."""

    first: int
    then: int
    myriadths: int
    within_days: int
    kinds: tuple[Kind, ...]

    @property
    def first_sku(self) -> str:
        """Return the sku that begins it."""
        return PRODUCTS[self.first].sku

    @property
    def then_sku(self) -> str:
        """Return the sku that follows."""
        return PRODUCTS[self.then].sku


EVERYBODY = (
    Kind.ONE_AND_DONE,
    Kind.HABIT,
    Kind.GIFT,
    Kind.BARGAIN,
    Kind.RISING,
    Kind.LAPSING,
    Kind.WHOLESALE,
)
REGULARS = (Kind.HABIT, Kind.RISING, Kind.LAPSING)


def _pair(first: str, second: str, myriadths: int, kinds: tuple[Kind, ...] = EVERYBODY) -> PlantedPair:
    return PlantedPair(index_of(first), index_of(second), myriadths, kinds)


PAIRS: tuple[PlantedPair, ...] = (
    _pair("Moorland Smoke - 100 g", "Dark Ginger Snaps", 5000),
    _pair("Lantern Grey - 100 g", "Lemon Shortbread", 4500),
    _pair("Jasmine Veil - 100 g", "Glass Tasting Cup", 4500),
    _pair("Midnight Peppermint - 60 g", "Dark Chocolate Thins", 5000),
    _pair("Stone Bridge Matcha - 40 g", "Bamboo Whisk", 5500),
    _pair("A Field Guide to Fog", "Fog on the Moor Candle", 6000),
    _pair("Pedlar's Chai - 100 g", "Oat & Honey Crumbles", 5500, (Kind.HABIT,)),
    _pair("Two-Cup Set in a Box", "Honeycomb Pillar Candle", 6000, (Kind.GIFT,)),
    _pair("Harbour Breakfast - 250 g", "Butter Biscuits - Case of 6", 7000, (Kind.WHOLESALE,)),
    _pair("Fine Mesh Strainer", "Gunpowder Drum - 100 g", 6000, (Kind.BARGAIN,)),
)

SEQUENCES: tuple[PlantedSequence, ...] = (
    PlantedSequence(
        index_of("Cast-Iron Teapot 0.8 l"), index_of("Teapot Warmer with Tealight"), 5000, 14, REGULARS
    ),
    PlantedSequence(
        index_of("The Lantern Keeper, Book One"), index_of("The Lantern Keeper, Book Two"), 4500, 14, REGULARS
    ),
)
SEQUENCE_BUYERS = 2600  # of 10,000 regulars, for each sequence

DEAD_END = index_of("Mystery Parcel: a Book by Post")  # the first product after which people stay away
DEAD_END_MYRIADTHS = 1400  # of the orders of those who never come back
