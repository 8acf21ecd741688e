import re
from html import unescape

import pytest
from pushing_shop import KIND, PushingStore
from test_markup import check
from test_own_segments_pages import beside
from test_segment_pages import page

from shop_app.destinations import registry
from shop_app.destinations.base import Connected, Setting
from shop_app.destinations.shopify import ShopifyCustomers
from shop_app.errors import RefusedError
from shop_app.services.connect_destination import read_destination
from shop_app.services.push_choices import read_push_choices
from shop_app.web.destination_cards import CONSENT

CHOICES = {
    "approve_percent": "5",
    "approve_count": "1000",
    "quiet_from": "22",
    "quiet_to": "7",
    "refund_days": "14",
    "cancel_days": "14",
    "over_mailed_most": "0",
    "over_mailed_days": "7",
    "complaint_tags": "complaint, angry",
    "no_discounts": "yes",
}


@pytest.fixture
def store(tmp_path, database):
    made = PushingStore(tmp_path)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def untouched_store(tmp_path_factory, database):
    """A store without a destination, for tests that only look, or ask for what is refused."""
    made = PushingStore(tmp_path_factory.mktemp("untouched"))
    yield made
    made.stop()


@pytest.fixture
def untouched(untouched_store):
    untouched_store.answer()
    return untouched_store


@pytest.fixture
def post(client, store, same_origin):
    return lambda path, **fields: a_post(client, store, same_origin, path, fields)


@pytest.fixture
def post_in_vain(client, untouched, same_origin):
    return lambda path, **fields: a_post(client, untouched, same_origin, path, fields)


def a_post(client, store, headers, path, fields):
    return client.post(f"/destinations{path}", query_string=store.picked, data=fields, headers=headers)


def stored(store):
    return read_destination(store.shop_id, KIND).stored


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_a_shop_without_a_destination_is_told_what_to_do(client, untouched):
    html = page(client, untouched, "/destinations")
    assert 'heading="Shopify customers"' in html
    assert "Set it up, and see what would be sent before anything is." in html
    assert CONSENT in unescape(html)
    assert "Stop everything" not in html


def test_a_destination_is_tried_kept_and_paused_at_first_and_the_page_says_whose_account_answered(
    client, store, post
):
    html = post(f"/{KIND}", tag_prefix="kd:", write_metafields="yes").text
    assert f"Tea &amp; more ({store.domain}) answered." in html
    assert (stored(store).state, stored(store).settings["tag_prefix"]) == ("paused", "kd:")
    assert stored(store).settings["native_segments"] is False
    assert re.search(r'<s-checkbox name="write_metafields"[^>]* checked', html)
    assert not re.search(r'<s-checkbox name="native_segments"[^>]* checked', html)


def test_a_setting_that_cannot_be_is_told_beside_its_field_and_nothing_is_kept(untouched, post_in_vain):
    answer = post_in_vain(f"/{KIND}", tag_prefix="no spaces please")
    assert answer.status_code == 400
    assert beside(answer.text, "tag_prefix")
    assert 'value="no spaces please"' in answer.text
    assert stored(untouched) is None


class Safe(ShopifyCustomers):
    """A destination with a setting of every kind, which lets in whoever knows its word."""

    kind, name = "safe", "The safe"
    schema = (
        Setting("word", "Secret word", "secret", help="Ask the keeper.", required=True),
        Setting(
            "door", "Which door", "choice", default="front", choices=(("front", "Front"), ("back", "Back"))
        ),
        Setting("shelves", "Shelves", "number", default=3, least=1, most=9),
        Setting("light", "Leave the light on", "yes_no"),
    )

    def __init__(self, settings, access):
        self.settings, self.access = settings, access

    def check(self):
        if self.settings["word"] != "sesame":
            raise RefusedError("The keeper does not know that word.")
        return Connected("1", "Ali's safe", ("The hinges creak.",))


@pytest.fixture
def safe(monkeypatch):
    monkeypatch.setitem(registry.KINDS, "safe", Safe)


def test_a_form_has_a_field_of_its_kind_for_every_setting(client, untouched, safe):
    html = page(client, untouched, "/destinations/safe")
    assert re.search(r'<s-password-field name="word" label="Secret word" details="Ask the keeper."', html)
    assert '<s-option value="front" selected>Front</s-option>' in html
    assert re.search(r'<s-number-field name="shelves"[^>]* value="3" min="1" max="9"', html)
    assert re.search(r'<s-checkbox name="light" label="Leave the light on" value="yes">', html)


def test_a_secret_is_never_shown_and_kept_when_it_is_left_empty(store, post, safe):
    html = post("/safe", word="sesame", door="back", shelves="4").text
    assert "Ali&#39;s safe answered." in html
    assert "The hinges creak." in html
    assert "sesame" not in html
    assert 'placeholder="•' in html
    html = post("/safe", word="", door="front", shelves="4", light="yes").text
    assert "Ali&#39;s safe answered." in html
    kept = read_destination(store.shop_id, "safe").stored
    assert kept.secrets == {"word": "sesame"}
    assert kept.settings == {"door": "front", "shelves": 4, "light": True}


def test_a_word_that_is_not_let_in_is_told_and_nothing_is_kept(untouched, post_in_vain, safe):
    answer = post_in_vain("/safe", word="open up", door="back", shelves="4")
    assert answer.status_code == 409
    assert "The keeper does not know that word." in answer.text
    assert "open up" not in answer.text
    assert '<s-option value="back" selected>' in answer.text
    assert read_destination(untouched.shop_id, "safe").stored is None


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"word": ""}, "word", "needs “Secret word”"),
        ({"shelves": "10"}, "shelves", "a whole number from 1 to 9"),
        ({"door": "side"}, "door", "must be one of front, back"),
    ],
)
def test_what_cannot_be_set_is_told_beside_its_field(post_in_vain, safe, fields, field, words):
    answer = post_in_vain("/safe", **({"word": "sesame", "door": "back", "shelves": "4"} | fields))
    assert answer.status_code == 400
    assert words in beside(answer.text, field)


def test_a_destination_is_switched_on_and_paused_from_its_card(client, store, post):
    store.connected()
    assert "You paused it." not in page(client, store, "/destinations")
    html = client.get(post(f"/{KIND}/on").location).text
    assert "Switched on" in html
    assert stored(store).is_on
    html = client.get(post(f"/{KIND}/pause").location).text
    assert "You paused it." in html
    assert not stored(store).is_on


def test_a_shop_from_files_is_told_that_shopify_is_not_connected(client, small_store, same_origin):
    answer = client.post(
        f"/destinations/{KIND}",
        query_string=small_store.picked,
        data={"tag_prefix": "kd:"},
        headers=same_origin,
    )
    assert answer.status_code == 409
    assert "Nothing was saved" in answer.text


def test_a_connection_that_is_refused_is_told_in_words(store, post):
    store.connected()
    assert "The connection works" in post(f"/{KIND}/test").text
    store.stand_in.stop()
    answer = post(f"/{KIND}/test")
    assert answer.status_code == 409
    assert "It does not let Kindred in" in answer.text


def test_everything_is_stopped_with_one_button_and_started_again(client, store, post):
    store.connected()
    html = client.get(post("/stop").location).text
    assert "Everything is stopped" in html
    assert read_push_choices(store.shop_id).everything_stopped
    assert "Start again" in html
    client.get(post("/start").location)
    assert not read_push_choices(store.shop_id).everything_stopped


def test_the_strip_tells_every_moment_from_a_fact_to_its_confirmation(client, store):
    store.connected().sent()
    words = text_of(page(client, store, "/destinations"))
    for name in ("Facts as of", "Computed", "Sent", "Acknowledged", "Waiting", "Rejected", "Absent"):
        assert name in words
    assert "Up to date" in words


def test_what_kindred_made_there_is_listed(client, store):
    store.connected().sent()
    assert "Kindred: " in page(client, store, f"/destinations/{KIND}").partition("Made there by Kindred")[2]


def test_disconnecting_says_what_stays_and_offers_to_clean_up_first(client, store, post):
    store.connected()
    html = page(client, store, f"/destinations/{KIND}/disconnect")
    assert "What it wrote there stays." in html
    assert "Take everything back first" in html
    assert stored(store) is not None
    assert "Disconnected" in client.get(post(f"/{KIND}/disconnect").location).text
    assert stored(store) is None


def test_everything_is_taken_back_after_a_confirmation(client, store, post):
    store.connected().sent()
    tags = [each["tags"] for each in store.world.state.each(store.domain, "customer")]
    assert any(tag.startswith("kindred:") for held in tags for tag in held)
    assert "is removed from every customer" in page(client, store, f"/destinations/{KIND}/take-back")
    answer = post(f"/{KIND}/take-back")
    assert "is being taken back" in client.get(answer.location).text
    store.work()
    held = [tag for each in store.world.state.each(store.domain, "customer") for tag in each["tags"]]
    assert set(held) == {"vip-2019", "Wholesale"}


def test_the_choices_are_kept_and_the_limit_is_said_in_customers_of_this_shop(client, store, post):
    html = client.get(post("/choices", **CHOICES, holdout_loyal="10").location).text
    assert "Saved" in html
    assert "At most 5 % of customers or 1,000, whichever is fewer" in html
    assert "In your shop that is 1 customer; more than that wait for you." in html
    choices = read_push_choices(store.shop_id)
    assert (choices.quiet_from, choices.quiet_to) == (22, 7)
    assert choices.complaint_tags == ("complaint", "angry")
    assert choices.approve_ratio == 0.05


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("approve_percent", "101"),
        ("approve_count", "many"),
        ("refund_days", "2.5"),
        ("over_mailed_days", "0"),
        ("over_mailed_most", "-1"),
    ],
)
def test_a_choice_that_cannot_be_is_told_beside_its_field(untouched, post_in_vain, field, value):
    before = read_push_choices(untouched.shop_id)
    answer = post_in_vain("/choices", **(CHOICES | {field: value}))
    assert answer.status_code == 400
    assert beside(answer.text, field).startswith("Give a ")
    assert f'value="{value}"' in answer.text
    assert read_push_choices(untouched.shop_id) == before


def test_each_segment_can_have_a_control_group_of_half_at_most(client, store, post):
    html = page(client, store, "/destinations/choices")
    field = re.search(r'name="(holdout_[a-z-]+)"', html)[1]
    assert (
        beside(post("/choices", **(CHOICES | {field: "51"})).text, field) == "Give a whole number from 0 to 50."
    )
    post("/choices", **(CHOICES | {field: "20"}))
    assert read_push_choices(store.shop_id).holdouts == {field.removeprefix("holdout_"): 20}


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/disconnect", "/nowhere/take-back"])
def test_a_destination_that_there_is_not_is_not_found(client, untouched, path):
    answer = client.get(f"/destinations{path}", query_string=untouched.picked)
    assert answer.status_code == 404


def test_the_pages_keep_the_laws_of_every_page(client, store):
    store.connected().sent()
    paths = ("", "/choices", f"/{KIND}", f"/{KIND}/disconnect", f"/{KIND}/take-back")
    for path in paths:
        check(client.get(f"/destinations{path}", query_string=store.picked))
