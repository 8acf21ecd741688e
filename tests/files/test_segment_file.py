import re
from pathlib import Path

import pytest

from shop_app.errors import InvalidInputError
from shop_app.files.segment_file import read_segment_file, write_segment_file
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rules import OPERATORS, All, Any_, Condition, rule_words

TEXT = """\
kindred: 1
currency: EUR
segments:
  - slug: regulars-gone-quiet
    name: Regulars gone quiet
    description: "Ordered often: not lately"
    when:
      all:
        - {feature: order_count, at_least: 3}
        - feature: total_spent
          at_least: 250.50
          slack_ratio: 0.1
        - any:
            - {feature: top_category, one_of: [Tee, "no"]}
            - {feature: is_member, is: yes}
"""


def refusal(text):
    with pytest.raises(InvalidInputError) as refused:
        read_segment_file(text, currency="EUR")
    return refused.value.field, str(refused.value)


def test_a_file_is_read_and_written_back_equal():
    (segment,) = read_segment_file(TEXT, currency="EUR")
    assert segment.description == "Ordered often: not lately"
    assert segment.rule == All(
        (
            Condition("order_count", "at_least", 3),
            Condition("total_spent", "at_least", 25_050, 0.1),
            Any_(
                (Condition("top_category", "one_of", ("Tee", "no")), Condition("is_member", "is", value=True))
            ),
        )
    )
    written = write_segment_file([segment], currency="EUR")
    assert written.startswith("kindred: 1\ncurrency: EUR\nsegments:\n- slug: regulars-gone-quiet\n")
    assert read_segment_file(written, currency="EUR") == (segment,)
    assert write_segment_file(read_segment_file(written, currency="EUR"), currency="EUR") == written


@pytest.mark.parametrize(
    ("text", "field", "trouble"),
    [
        ("", "kindred", "kindred: is missing"),
        ("kindred: [", "file", "line 1, column 11: expected the node content"),
        ("kindred: 1\nkindred: 1", "file", "line 2, column 1: 'kindred' stands here twice"),
        ("a: &x [1]\nb: *x", "file", "line 2, column 4: references (*) are not allowed"),
        (
            "kindred: !!python/object:os.system x",
            "file",
            "line 1, column 10: could not determine a constructor",
        ),
        ("kindred: 2026-99-99", "file", "the file: month must be in 1..12"),
        ("? [a]\n: 1", "file", "line 1, column 3"),
        ("kindred: \x07", "file", "the file: this is no YAML that can be read"),
        ("[" * 5_000, "file", "line 1, column 31: more than 30 levels deep"),
        ("#" * 500_001, "file", "The file is longer than 500,000 characters."),
        (
            TEXT.replace('[Tee, "no"]', "[Tee, no]"),
            "segments[0].when.all[2].any[0].one_of[1]",
            "put quotes around it",
        ),
        (TEXT.replace("250.50", "250.505"), "segments[0].when.all[1].at_least", "at most 2 digits"),
        (TEXT.replace("order_count", "orders"), "segments[0].when.all[0].feature", "did you mean order_count"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(text, field, trouble):
    where, message = refusal(text)
    assert where == field
    assert trouble in message


def test_the_manual_shows_a_file_as_it_is_written_and_names_every_feature_and_operator():
    manual = (Path(__file__).parents[2] / "docs/segment-files.md").read_text(encoding="utf-8")
    example = manual.split("```yaml\n")[1].split("```")[0]
    assert write_segment_file(read_segment_file(example, currency="EUR"), currency="EUR") == example
    (segment,) = read_segment_file(example, currency="EUR")
    said = rule_words(segment.rule, lambda minor: f"€{minor / 100:.2f}")
    assert f"Everybody who {said}." in manual.replace("\n", " ")
    for feature in FEATURES.values():
        assert f"| `{feature.name}` | {feature.label} |" in manual
    assert set(OPERATORS) <= set(re.findall(r"`(\w+)(?:: true)?`", manual))
