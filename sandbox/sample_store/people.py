"""The invented people: names, e-mail addresses, phones, addresses, consent.

Everything about a person is drawn by the person's number, so it can be told again at any time for any of
them. Addresses end in example.com, .net or .org; phones are numbers kept for fiction (555-01xx in North
America, the drama ranges of Ofcom, ARCEP and the Bundesnetzagentur). Those are few: beyond 20,000 people the
rest of the 555 exchange is used, and only the first 1,000 may have a phone outside North America.
"""

import numpy as np
import polars as pl

from sandbox.sample_store import regions
from sandbox.sample_store.draws import Draws, Flags, Ints
from sandbox.sample_store.kinds import Kind

_FIRST_NAMES = (
    "Ada Agnes Alma Amos Anouk Arlo Astrid Aurel Beatrix Benno Bram Bruno Carys Cato Celeste Clement Cleo "
    "Cosima Dagny Dario Delphine Dorian Edith Eero Elodie Emrys Enid Ezra Fabian Fenna Fergus Flora "
    "Gideon Greta Gwen Hal Harriet Hedda Henrik Hugo Ida Inka Ingrid Isolde Ivo Jasper Joan Jules Juno "
    "Kasper Kezia Lars Leonie Linus Lotte Lucian Mabel Magnus Marit Maude Milo Minna Nell Nils Noor "
    "Odette Olive Orla Oscar Otto Pascal Pearl Perla Petra Quentin Ramona Reuben Rhea Roald Rosalind "
    "Rufus Sabine Saskia Selma Silas Sven Tamsin Thea Tobias Una Ursula Viggo Vera Wanda Wilfred Yara "
    "Yves Zelda Zeno Zoë Jürgen Łucja Renée Bjørn Siân"
)
_NAME_HEADS = (
    "Alder Ash Barley Beck Birch Bram Brook Cinder Clove Copper Dapple Dove Ember Farrow Fen Fern Finch "
    "Flint Frost Gale Gorse Hawk Haw Hazel Heath Hollow Inkle Ivy Kettle Lark Linden Marl Marsh Mead Moss "
    "Oat Pebble Quill Reed Rook Rowan Rush Sedge Slate Sorrel Tansy Thistle Thorn Wick Willow Wren Yarrow"
)
_NAME_TAILS = (
    "acre bank beam borne by combe croft den ditch field ford garth gate ham holt ley mere mont rigg wick worth"
)
_FIRST, _HEADS, _TAILS = _FIRST_NAMES.split(), _NAME_HEADS.split(), _NAME_TAILS.split()
_COMPANIES = (
    "{} & Daughters",
    "{} Tea Room",
    "Café {}",
    "{}, Moss & Co.",
    "{} Provisions Ltd",
    'Inn "The {}"',
)
_MAILS = ("example.com", "example.org", "example.net")
_AREA_CODES = (
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 "
    "248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 "
    "315 316 317 318 319 320 321 323 325 330 331 334 336 337 339 347 351 352 360 361 386 401 402 404 405 "
    "406 407 408 409 410 412 413 414 415 417 419 423 425 432 434 435 440 443 469 478 479 480 484 501 502 "
    "503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 540 541 551 559 561 562 563 567 570 571 "
    "573 574 580 585 586 601 602 603 605 606 607 608 609 610 612 614 615 616 617 618 619 620 623 626 630 "
    "631 636 641 646 650 651 660 661 662 678 682 701 702 703 704 706 707 708 712 713 714 715 716 717 718 "
    "719 720 724 727 731 732 734 740 754 757 760 763 765 770 772 773 774 775 781 785 786 801 802 803 804 "
    "805 806 808 810 812 813 814 815 816 817 818 828 830 831 832 843 845 847 848 850 856 857 858 859"
)
_AREAS: Ints = np.array(_AREA_CODES.split(), dtype=np.int64)
_DRAMA = {"GB": 447700900000, "FR": 33639980000, "DE": 493023125000}  # the first of a thousand each
SHOP_PHONE = 12025550100  # given by those who would not give their own
_SHARED_PHONE_PEOPLE = range(40, 520, 40)
_SHARED_FROM = 520  # smaller stores have no such people


class People:
    """The people of one store, told by number."""

    def __init__(self, draws: Draws, kinds: Ints) -> None:
        self._draws = draws
        self.kinds = kinds

    def region(self, who: Ints) -> Ints:
        """Return positions in the list of regions; wholesale is domestic."""
        drawn = self._draws.pick("region", who, regions.SHARES)
        abroad = ~regions.DOMESTIC[drawn] & (self.kinds[who] == Kind.WHOLESALE)
        return np.where(abroad, regions.HOME, drawn)

    def two_mails(self, who: Ints) -> Flags:
        """Return who is in the shop's books twice: two e-mail addresses, one phone."""
        several = ~np.isin(self.kinds[who], (Kind.ONE_AND_DONE, Kind.PROSPECT, Kind.WHOLESALE))
        return (
            several & self._draws.chance("two mails", who, 700) & ~self.shares_phone(who) & self._phoneable(who)
        )

    def odd_case(self, who: Ints) -> Flags:
        """Return who types the address in capitals at times."""
        return self._draws.chance("odd case", who, 300)

    def shares_phone(self, who: Ints) -> Flags:
        """Return who gave the shop's own phone."""
        if self.kinds.size < _SHARED_FROM:
            return np.zeros(who.size, dtype=np.bool_)
        shared: Flags = np.isin(who, np.array(_SHARED_PHONE_PEOPLE))
        return shared

    def has_phone(self, who: Ints) -> Flags:
        """Return whose phone the shop has."""
        gave = self._draws.chance("phone", who, 4500)
        return self.shares_phone(who) | self.two_mails(who) | (gave & self._phoneable(who))

    def subscribed(self, who: Ints) -> Flags:
        """Return who reads the newsletter; bargain hunters and prospects nearly all do."""
        eager = np.isin(self.kinds[who], (Kind.BARGAIN, Kind.PROSPECT))
        return self._draws.chance("subscribed", who, np.where(eager, 9300, 5200))

    def names(self, who: Ints, purpose: str = "name") -> tuple[pl.Series, pl.Series]:
        """Return first and last names."""
        first = pl.Series(_FIRST).gather(self._draws.below(f"first {purpose}", who, len(_FIRST)))
        head = pl.Series(_HEADS).gather(self._draws.below(f"head of {purpose}", who, len(_HEADS)))
        tail = pl.Series(_TAILS).gather(self._draws.below(f"tail of {purpose}", who, len(_TAILS)))
        return first, head + tail

    def email(self, who: Ints, *, second: bool = False) -> pl.Series:
        """Return addresses in lower case, the person's number in each, so that no two are the same."""
        first, last = self.names(who)
        number = pl.Series(who).cast(pl.Utf8)
        purpose = "second mail" if second else "mail"
        domain = pl.Series(_MAILS).gather(self._draws.below(purpose, who, len(_MAILS)))
        plain = _ascii(first.str.slice(0, 1) if second else first)
        return (
            plain
            + ("" if second else ".")
            + _ascii(last)
            + "."
            + number
            + ("h" if second else "")
            + "@"
            + domain
        )

    def phone(self, who: Ints) -> pl.Series:
        """Return phones with their country, digits only after the plus; null for who gave none."""
        country = np.array([region.country for region in regions.REGIONS])[self.region(who)]
        number = _american(who)
        for code, first in _DRAMA.items():
            number = np.where(country == code, first + who % 1000, number)
        number = np.where(self.shares_phone(who), SHOP_PHONE, number)
        cells = "+" + pl.Series("phone", number).cast(pl.Utf8)
        return pl.select(pl.when(pl.Series(self.has_phone(who))).then(cells)).to_series()

    def company(self, who: Ints) -> pl.Series:
        """Return the firm's name for wholesale, else an empty text."""
        firms = np.flatnonzero(self.kinds[who] == Kind.WHOLESALE)
        style = self._draws.below("company", who[firms], len(_COMPANIES))
        cells = [""] * who.size
        for row, shape, name in zip(firms, style, self.names(who[firms])[1], strict=True):
            cells[row] = _COMPANIES[shape].format(name)
        return pl.Series(cells, dtype=pl.Utf8)

    def _phoneable(self, who: Ints) -> Flags:
        country = np.array([region.country for region in regions.REGIONS])[self.region(who)]
        here: Flags = np.isin(country, ("US", "CA"))
        return here | (np.isin(country, tuple(_DRAMA)) & (who < 1000))


def _american(who: Ints) -> Ints:
    """Return everybody's own American number, all its digits; 555-0100 and 555-0101 are left free."""
    area = _AREAS[who % _AREAS.size]
    turn = who // _AREAS.size
    line = np.where(turn < 98, 102 + turn, 200 + turn - 98)
    return 10_000_000_000 + area * 10_000_000 + 5_550_000 + line + (line >= 1212)  # 1212: directory assistance


def _ascii(names: pl.Series) -> pl.Series:
    plain = names.str.to_lowercase()
    for letter, instead in (("ë", "e"), ("ü", "u"), ("ł", "l"), ("é", "e"), ("ø", "o"), ("â", "a")):
        plain = plain.str.replace_all(letter, instead, literal=True)
    return plain
