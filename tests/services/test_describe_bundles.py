import gzip
from datetime import UTC, datetime

import pytest
from bundle_shop import SEGMENT, BundleShop

from shop_app.bundles.terms import Form, Part, Terms
from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError, NotFoundError
from shop_app.services.basket_file import find_in_file, read_baskets
from shop_app.services.brand_names import read_brand_names
from shop_app.services.bundle_evidence import evidence_words
from shop_app.services.bundle_goods import read_goods
from shop_app.services.bundle_words import Wording, terms_words
from shop_app.services.describe_bundles import (
    count_candidates,
    find_candidate,
    list_candidates,
    list_rows,
    look_again_soon,
    other_forms,
    read_overview,
)
from shop_app.services.describe_offers import can, describe_offer, list_offers
from shop_app.services.draft_bundles import change_draft, draft_bundle
from shop_app.services.export_rows import iter_export

NOW = datetime(2026, 6, 30, 10, tzinfo=UTC)
WORDING = Wording(
    money=lambda amount: f"{amount / 100:.2f}",
    moment=lambda at: f"{at:%Y-%m-%d}",
    names={1: "Pot", 2: "Cup", 3: "Tray"},
    prices={1: 4000, 2: 1000},
    segments={"vip": "Best customers"},
)


@pytest.fixture
def store(shop_id):
    return BundleShop(shop_id)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (
            Terms(Form.FIXED, parts=(Part(1), Part(2, 4)), discount_percent=10, price=7200),
            "1 \u00d7 Pot and 4 \u00d7 Cup as one product for 72.00; singly 80.00, so 8.00 less.",
        ),
        (
            Terms(Form.FIXED, parts=(Part(1), Part(3)), discount_percent=10, price=4500),
            "1 \u00d7 Pot and 1 \u00d7 Tray as one product for 45.00, 10 % less than singly.",
        ),
        (
            Terms(Form.BUY_GET, buys=(1,), gets=(2,), get_quantity=2, discount_percent=15),
            "With 1 \u00d7 Pot in the cart, 2 \u00d7 Cup cost 15 % less.",
        ),
        (
            Terms(Form.MIXED, buys=(1,), gets=(2, 3), discount_percent=100),
            "With 1 \u00d7 Pot in the cart, any 1 of Cup or Tray is free.",
        ),
        (
            Terms(Form.THIRD, buys=(1, 2, 3), buy_quantity=2, gets=(1, 2, 3), discount_percent=10),
            "With any 2 of Pot, Cup or Tray in the cart, one more of them costs 10 % less.",
        ),
    ],
)
def test_terms_of_every_form_are_said_in_one_sentence(terms, words):
    assert terms_words(terms, WORDING)[0] == words


def test_terms_say_for_whom_how_until_when_and_how_often():
    terms = Terms(
        Form.BUY_GET,
        buys=(1,),
        gets=(9,),
        discount_percent=5,
        segment="vip",
        code="TEA",
        starts_at=datetime(2026, 7, 1, tzinfo=UTC),
        ends_at=datetime(2026, 8, 1, tzinfo=UTC),
        uses_per_order=2,
        uses_most=1000,
        once_per_customer=True,
    )
    assert terms_words(terms, WORDING)[1:] == (
        "For customers in Best customers alone, as soon as the shop knows who is buying.",
        "With the code TEA, typed in at the checkout.",
        "From 2026-07-01, until 2026-08-01.",
        "It counts 2 times in an order at most.",
        "It is paused after 1,000 orders.",
        "Each customer can use it once.",
    )


def test_evidence_says_nothing_of_what_is_not_known():
    assert evidence_words({}) == ()
    assert evidence_words({"pair": {"count": None, "is_found": None}}) == ()
    third = {"category": "Tea", "two_count": 1200, "three_count": 90}
    assert evidence_words({"third": third}) == ("1,200 orders held two of Tea, and 90 held three or more.",)
    doubt = {"customers": 20, "first_customers": 100, "first_name": "A", "then_name": "B", "is_ordered": False}
    assert "Which of them comes first cannot be told from chance." in evidence_words({"sequence": doubt})


def test_before_the_first_look_everything_is_empty_and_said_to_be(store):
    overview = read_overview(store.shop_id, now=NOW)
    assert (overview.run, overview.words, overview.is_enough, overview.is_asked) == (None, (), False, False)
    assert list_candidates(store.shop_id) == []
    assert list_rows(store.shop_id, "pair") == []


def test_asking_for_a_look_is_remembered_until_it_is_done(store):
    look_again_soon(store.shop_id, now=NOW)
    assert read_overview(store.shop_id, now=NOW).is_asked


def test_candidates_of_every_segment_stand_together_by_their_margin(store):
    store.looked_at()
    found = list_candidates(store.shop_id)
    assert [each.extra_margin for each in found] == [90_000, 56_100, 20_000]
    assert [each.segment for each in found] == [SEGMENT, "", ""]
    assert [each.terms.form for each in list_candidates(store.shop_id, form="fixed")] == [Form.FIXED]
    assert [each.extra_margin for each in list_candidates(store.shop_id, limit=2)] == [90_000, 56_100]
    counts = [count_candidates(store.shop_id, **of) for of in ({}, {"segment": ""}, {"form": "fixed"})]
    assert counts == [3, 2, 1]


def test_a_candidate_knows_the_other_way_of_offering_the_same(store):
    store.looked_at()
    candidate = find_candidate(store.shop_id, store.made(Form.BUY_GET).key)
    assert [each.terms.form for each in other_forms(store.shop_id, candidate)] == [Form.FIXED]
    with pytest.raises(NotFoundError, match="not among those of the newest look"):
        find_candidate(store.shop_id, "gone")


def test_rows_carry_margin_and_stock_of_now_and_always_the_same_keys(store):
    store.looked_at()
    rows = list_rows(store.shop_id, "pair", with_goods=True)
    assert (rows[0]["unit_margin"], rows[0]["unit_margin_ratio"], rows[0]["stock"]) == (3200, 0.64, 60)
    assert rows[0].keys() == rows[1].keys()
    assert rows[1]["stock"] == 60  # the spoon is not counted


def test_of_a_few_things_the_same_is_read_as_of_all_and_nothing_else(store):
    every = read_goods(store.shop_id)
    product = next(key for key in every.keys if key.startswith("p"))
    some = read_goods(store.shop_id, [product, str(store.cup), "Tea", "p", "p999999", "-1", "9" * 30])
    assert some.keys[product] == every.keys[product]
    assert some.items[store.cup] == every.items[store.cup]
    assert len(some.items) < len(every.items)
    assert read_goods(store.shop_id, []).items == {}


def test_a_price_or_cost_that_is_not_known_makes_the_margin_unknown(store):
    gift = store.good("Gift", price=900, cost=None, stock=5)
    goods = read_goods(store.shop_id)
    assert goods.margin(str(store.pot), str(gift)) is None
    assert goods.margin_ratio(str(store.pot), str(gift)) is None
    assert goods.margin(str(store.pot), "nothing") is None
    assert goods.stock(str(store.spoon)) is None


def test_a_draft_keeps_its_decisions_through_a_new_title(store):
    made = store.made(Form.BUY_GET)
    draft = draft_bundle(store.shop_id, made.terms, title="One", facts=made.to_json(), who="Ann", at=NOW)
    change_draft(store.shop_id, draft.id, {"title": "Two"}, who="Ann", at=NOW)
    story = describe_offer(store.shop_id, draft.id)
    assert [each.to_state for each in story.decisions] == ["drafted", "changed"]
    assert [deed for deed, possible in can(story.bundle).items() if possible] == ["approve", "discard"]
    assert [each.title for each in list_offers(store.shop_id)] == ["Two"]
    with pytest.raises(NotFoundError):
        describe_offer(store.shop_id, draft.id + 1)


def test_a_shared_table_leaves_out_what_few_are_behind(store):
    store.looked_at(store.pair(), store.pair(rank=2, count=4), store.sequence(customers=4))
    at = utc_now()
    assert len(list(iter_export(store.shop_id, "pairs", as_of=at))) == 2
    assert [row["count"] for row in iter_export(store.shop_id, "pairs", as_of=at, shared=True)] == [412]
    assert list(iter_export(store.shop_id, "sequences", as_of=at, shared=True)) == []


BASKETS = [("1", "tea"), ("1", "pot"), ("2", "tea"), ("2", "pot"), ("3", "tea"), ("3", "cup"), ("4", "tea")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("table.csv", "basket,item\n" + "".join(f"{basket},{item}\n" for basket, item in BASKETS)),
        (
            "named.csv",
            "Invoice;Quantity;StockCode\n" + "".join(f"{basket};1;{item}\n" for basket, item in BASKETS),
        ),
        ("lines.csv", "tea,pot\ntea, pot\ntea,cup\ntea\n"),
        ("quoted.csv", '"tea","pot"\n"pot","tea"\n"tea","cup"\n\n"tea"\n'),
        ("tabs.tsv", "tea\tpot\ntea\tpot\ntea\tcup\ntea\n"),
    ],
)
def test_support_and_confidence_of_a_plain_file_are_exact(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = find_in_file(path, least_count=1, with_sets=True)
    pairs = {frozenset((row["a"], row["b"])): row for row in found.pairs}
    assert (found.basket_count, found.item_count) == (4, 3)
    pair = pairs[frozenset(("tea", "pot"))]
    assert (pair["count"], pair["support"]) == (2, 0.5)
    assert {pair["confidence_ab"], pair["confidence_ba"]} == {0.5, 1.0}
    assert {frozenset(row["items"]): row["support"] for row in found.sets} == {
        frozenset(("tea", "pot")): 0.5,
        frozenset(("tea", "cup")): 0.25,
    }


def test_numbers_with_spaces_between_them_and_packed_files_are_read(tmp_path):
    path = tmp_path / "retail.dat.gz"
    path.write_bytes(gzip.compress(b"1 2 3\n2 3\n7\n"))
    assert read_baskets(path)["item"].to_list() == ["1", "2", "3", "2", "3", "7"]


def test_the_least_support_is_kept_to_the_basket(tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("a,b\n" * 3 + "c,d\n" * 2 + "a\n" * 5, encoding="utf-8")
    found = find_in_file(path, least_support_ratio=0.3)
    assert [(row["a"], row["b"], row["support"]) for row in found.pairs] == [("a", "b", 0.3)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no basket"),
        (b"basket,item\n", "holds no basket"),
        (b"basket,item\n1\n", "Line 2 has 1 columns"),
        (b"basket,item,day\n1,tea,someday\n", "Line 2: .* is no day"),
        (b"basket,item\n1,t\xe9\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_table_of_baskets_is_refused_with_the_line(tmp_path, content, words):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=words):
        find_in_file(path)


def test_a_name_in_a_rule_stands_for_all_that_are_called_so(store):
    twin = store.good("tea POT", price=900, cost=100, stock=5)
    names = read_brand_names(store.shop_id)
    assert names.all_tokens(" Tea pot", "x") == (str(store.pot), str(twin))
    assert names.pairs("Tea Pot", "Teaware", "x") == [[str(store.pot), "Teaware"], [str(twin), "Teaware"]]
    assert names.item_ids(str(store.cup), "x") == (store.cup,)
    assert names.name(str(store.cup)) == "Cup"
    with pytest.raises(InvalidInputError, match="no item, SKU, category or collection"):
        names.all_tokens("Unicorn", "x")
