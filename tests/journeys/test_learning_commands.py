"""Learning, choosing and approving on the command line, in a shop of four hundred customers."""

import csv
import json
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO

import pytest
from commands import a_terminal
from documented_json import check
from learned_shop import a_learned_shop, a_member_of
from sqlalchemy import text

from shop_app.cli import main
from shop_app.cli.backtest_words import print_report
from shop_app.cli.fit_words import print_fit
from shop_app.segments.grouping.cluster_count import TriedCount
from shop_app.segments.grouping.hybrid import SplitState
from shop_app.segments.grouping.micro_segments import MicroSegment
from shop_app.segments.grouping.rules import Condition
from shop_app.storage import encryption, engine, model_fits
from shop_app.storage.engine import transaction
from shop_app.web.formats import Formats

CLOCK = datetime(2026, 7, 2, 9, tzinfo=UTC)
KIND = "segmentation"

OWN = ("--set", "own", "--name", "Ours")
RULES = """\
kindred: 1
currency: USD
segments:
- slug: regulars-gone-quiet
  name: Regulars gone quiet
  description: They ordered often, and not lately.
  when:
    all:
    - feature: order_count
      at_least: 3
    - feature: recency_days
      at_least: 60
"""


@pytest.fixture(scope="module")
def shop(settings, database, tmp_path_factory):
    """The sample store, learned and labelled by command; ``fit`` is what `kindred fit --json` said."""
    made = a_learned_shop(tmp_path_factory.mktemp("sample"), CLOCK, learn=False)
    printed = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        a_terminal(settings, patch, None)
        with redirect_stdout(printed):
            assert main.outcome(["fit", "--shop", made.name, "--json"]) == 0
        assert main.outcome(["refresh", "--shop", made.name]) == 0
    connect(settings, database)
    made.fit = json.loads(printed.getvalue())
    return made


@pytest.fixture
def kindred(shop, settings, database, monkeypatch, capsys):
    """Return what runs a command on the shop; whatever it chose or wrote is undone after the test."""
    run = a_terminal(settings, monkeypatch, capsys)
    yield lambda *words: run(*words, "--shop", shop.name)
    connect(settings, database)
    with transaction(shop.shop_id) as connection:
        connection.execute(text("UPDATE shop_settings SET segmentation = '{}'"))
        connection.execute(text("DELETE FROM own_segments"))


@pytest.fixture
def waiting(shop, kindred):
    """A second version, the same as the first, that waits for a person; its number."""
    with transaction(shop.shop_id) as connection:
        live = model_fits.find_live(connection, KIND)
        fit = model_fits.add_draft(
            connection,
            kind=KIND,
            as_of=live.as_of,
            customer_count=live.customer_count,
            parameters=live.parameters,
            measures=model_fits.read_measures(connection, live.id),
        )
        model_fits.set_state(connection, fit.id, "validated")
    return fit.version


def connect(settings, database):
    """Connect the test itself again: each command leaves this process without a database."""
    encryption.load_keys(settings.keys, settings.hash_key)
    engine.connect(database)


def read(ended):
    assert ended.code == 0, ended.stderr
    return json.loads(ended.stdout)


def states(kindred):
    return {row["version"]: row["state"] for row in read(kindred("approve", "--list", "--json"))["versions"]}


def test_a_fit_is_documented_key_by_key_and_told_in_tables(shop, capsys):
    """What only a shop of a thousand buyers has is added as it would be."""
    tried = TriedCount(2, 0.9, None, 0.3, 0.5).to_json()
    split = SplitState("active", 0.4, {2: 0.1}, (TriedCount(2, 0.9, 0.8, 0.3, 0.5),), 2).to_json()
    small = MicroSegment("active", Condition("order_count", "at_most", 4), "Whoever.", 40, 0.3, 0.1, 30)
    large = {"counts": {"clusters": [tried], "hybrid": [split]}, "micro_segments": [small.to_json()]}
    unseen = ("checks[].figures.shared[]", "checks[].figures.lost[]", "left_out.{feature}")
    check("fit", shop.fit, {"segmentation": large}, unseen=[f"segmentation.{key}" for key in unseen])

    fit = shop.fit["segmentation"]
    print_fit({**fit, **large})
    words = capsys.readouterr().out
    assert f"Version 1 is live. {fit['words']}" in words
    for row in (*fit["groups"], *fit["candidates"], *fit["checks"]):
        assert row["name"] in words
    assert "In Active customers: Whoever. 40 today." in words


def test_a_report_card_is_documented_key_by_key_and_told_in_tables(kindred, monkeypatch, capsys):
    """The bars are set lower, so that a shop this small passes them."""
    for bar in ("MIN_REPEAT_BUYERS", "LEAST_POSITIVES"):
        monkeypatch.setattr(f"shop_app.segments.predictions.publishing.{bar}", 10)
    told = read(kindred("backtest", "--json"))
    warning = ("certainty_ratio", "customers", "earlier_ratio", "median_days", "rfm_days", "words")
    check("backtest", told, unseen=["missing[]", *(f"warning.{key}" for key in warning)])

    print_report({**told, "as_of": datetime.fromisoformat(told["as_of"])}, Formats("USD", "UTC"))
    words = capsys.readouterr().out
    for sentence in told["words"]:
        assert sentence in words
    for title in ("Whether they order within 90 days", "What they bring in 365 days", "The busiest"):
        assert title in words


def test_a_backtest_of_an_early_day_knows_little_and_says_so_and_one_of_a_later_day_is_refused(kindred):
    early = read(kindred("backtest", "--as-of", "2024-03-01", "--json"))
    assert (early["order_probability_90d"], early["published"]["send_hour"]) == ({}, "")
    assert early["missing"]
    ended = kindred("backtest", "--as-of", "2024-03-01")
    assert "\n".join(early["missing"]) in ended.stdout
    late = kindred("backtest", "--as-of", "2026-07-04")
    assert (late.code, late.stderr) == (1, "--as-of: nothing is known of after 2026-06-30 yet.\n")


def test_segments_are_told_with_the_goal_and_how_steady_they_are(kindred):
    told = read(kindred("segments", "--json"))
    ended = kindred("segments")
    assert ended.code == 0
    assert "Goal: Keep the best. Made by named rules: version" in ended.stdout
    assert " ".join(told["stability"]["words"]) in ended.stdout
    assert "on that day none were learned" in kindred("segments", "--as-of", "2026-03-01").stdout


def test_a_customer_is_told_with_what_would_move_them_and_what_is_not_published(shop, kindred):
    someone = f"id:{a_member_of(shop.shop_id, 'champions')}"
    told = read(kindred("customer", someone, "--json"))
    ended = kindred("customer", someone)
    for words in (told["reason"], *told["why"], *told["moves"], "What to expect", "Habits"):
        assert words in ended.stdout
    assert told["why"]
    assert told["moves"]


def test_what_moved_between_two_days_adds_up(kindred):
    told = read(kindred("moves", "--from", "2026-05-01", "--to", "2026-06-20", "--json"))
    assert sum(flow["customer_count"] for flow in told["flows"]) == told["after_count"] + told["left_count"]
    ended = kindred("moves", "--from", "2026-05-01", "--to", "2026-06-20")
    assert f"{told['moved_count']} customers moved, {told['stayed_count']} stayed" in ended.stdout
    assert "Today's groups were used for both days" in ended.stderr


def test_a_version_that_waits_is_said_goes_live_by_approval_and_the_one_before_can_be_gone_back_to(
    kindred, waiting
):
    assert f"Version {waiting} of the segments waits for you" in kindred("segments").stderr
    ended = kindred("approve", "--note", "Looks right.")
    assert (ended.code, states(kindred)[waiting]) == (0, "live")
    assert f"Version {waiting} is live" in ended.stderr
    assert "Looks right." in ended.stdout
    assert kindred("approve").stderr.startswith("No version waits for approval.")
    assert kindred("approve", "--restore", "--version", "1").code == 0
    assert states(kindred)[waiting + 1] == "live"


def test_a_version_that_was_put_aside_was_never_live_and_cannot_be_gone_back_to(kindred, waiting):
    assert kindred("approve", "--reject").code == 0
    assert states(kindred)[waiting] == "retired"
    assert "cannot be gone back to" in kindred("approve", "--restore", "--version", waiting).stderr
    assert "to be looked at again on" in kindred("approve", "--review").stderr


def test_a_goal_of_ones_own_is_chosen_and_what_speaks_against_it_is_said(kindred):
    features = "--dimension", "order_count", "--dimension", "recency_days"
    ended = kindred("goals", *OWN, *features, "--groups", "9")
    assert "Chosen: Ours. Compares orders, days since the last order, as chosen by you." in ended.stdout
    assert "9 groups are more than most teams can act on" in ended.stderr
    chosen = read(kindred("goals", "--without", "channel", "--json"))["choices"]
    assert (chosen["goal"], chosen["own_goal"]["group_count"], chosen["switched_off"]) == (
        "own",
        9,
        ["channel"],
    )
    assert read(kindred("goals", "--without", "none", "--json"))["choices"]["switched_off"] == []


def test_rules_are_checked_taken_in_written_out_and_retired(kindred, tmp_path):
    file, out = tmp_path / "own.yaml", tmp_path / "again.yaml"
    file.write_text(RULES)
    checked = read(kindred("rules", file, "--check", "--json"))
    assert (checked["segments"], checked["checked"][0]["slug"]) == ([], "regulars-gone-quiet")
    assert "Nothing was stored." in kindred("rules", file, "--check").stderr
    (taken,) = read(kindred("rules", file, "--write", out, "--json"))["segments"]
    assert taken["customer_count"] == checked["checked"][0]["customer_count"] > 0
    assert out.read_text() == RULES
    definitions = read(kindred("export", "--what", "definitions", "--format", "json"))
    assert definitions[-1]["definition"] == taken["words"]
    assert kindred("rules", "--retire", "regulars-gone-quiet").stdout.startswith("There are no segments")


def test_rules_that_seem_to_tell_what_the_law_protects_need_a_confirmation(kindred, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(RULES.replace("Regulars gone quiet", "Pregnant women"))
    refused = kindred("rules", file)
    assert (refused.code, refused.stdout) == (1, "")
    assert "'Pregnant women' (health)" in refused.stderr
    assert kindred("rules", file, "--confirm").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["goals", "--set", "win"], 1, "--set: 'win' is not known; choose one of keep-the-best"),
        (["goals", "--set", "own"], 1, "--name: give the goal a name"),
        (["goals", *OWN, "--dimension", "orders"], 1, "--dimension: there is no 'orders'; did you mean"),
        (["goals", "--name", "X"], 2, "--name goes with --set own only."),
        (["goals", "--groups", "2"], 1, "--groups: give a number from 3 to 10."),
        (["goals", "--without", "recency"], 1, "--without: there is no 'recency'; did you mean recency_days"),
        (["goals", "--move-limit", "3"], 1, "--move-limit: give a share from 0.01 to 1"),
        (["goals", "--cadence", "daily"], 2, "'--cadence': 'daily' is not one of"),
        (["approve", "--version", "99"], 1, "version: there is no version 99"),
        (["approve", "--restore"], 2, "--restore needs --version"),
        (["moves", "--from", "2026-06-01", "--to", "2026-05-01"], 1, "from: give a day before the other one."),
        (["moves", "--from", "June"], 2, "'--from': 'June' does not match the format"),
        (["rules", "--check"], 2, "need a FILE"),
        (["rules", "--retire", "nobody"], 1, "There is no segment of your own called nobody."),
        (["export", "--what", "playbook", "--segment", "active"], 1, "segment: only customers, predictions"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_the_option_and_the_way_out(kindred, words, code, said):
    ended = kindred(*words)
    assert (ended.code, ended.stdout) == (code, "")
    assert said in ended.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (RULES.replace("order_count", "orders"), "segments[0].when.all[0].feature: there is no 'orders'"),
        (RULES.replace("USD", "EUR"), "currency: the amounts are in 'EUR'"),
        ("kindred: 1\nsegments: [", "own.yaml: line 2"),
    ],
)  # fmt: skip
def test_a_file_of_rules_with_a_mistake_is_refused_with_its_place(kindred, tmp_path, wrong, said):
    file = tmp_path / "own.yaml"
    file.write_text(wrong)
    ended = kindred("rules", file)
    assert (ended.code, ended.stdout) == (1, "")
    assert said in ended.stderr


def test_predictions_and_plays_are_exported_as_tables(shop, kindred, tmp_path):
    out = tmp_path / "predictions.csv"
    assert kindred("export", "--what", "predictions", "--segment", "champions", "--out", out).code == 0
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["segment"] for row in rows} == {"champions"}
    assert all(float(row["usual_gap_days"]) > 0 for row in rows)
    plays = read(kindred("export", "--what", "playbook", "--format", "json"))
    assert {"champions", "prospects"} <= {play["slug"] for play in plays}
