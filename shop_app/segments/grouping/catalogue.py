"""Every feature of a customer that a rule, a group or a screen may name, with its words and its unit."""

from dataclasses import dataclass
from difflib import get_close_matches

from shop_app.segments.grouping.feature_table import ROWS, WHOLE


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the scored frame.

    Attributes
    ----------
    name
        The column.
    label
        What a screen calls it, in lower case.
    unit
        ``days``, ``orders``, ``money`` (minor units of the shop's currency), ``share`` and ``probability`` (0
        to 1), ``count``, ``ratio`` (0 or more; 1 is as usual), ``hour`` (0 to 23), ``weekday`` (1 Monday to 7
        Sunday), ``text`` or ``yes_no``.
    family
        ``orders``, ``money``, ``rhythm``, ``taste``, ``price``, ``predictions`` or ``signals``.
    transform
        What brings its values closer together before distances are taken: ``log1p``, ``logit`` or ``none``.
    more_words, less_words
        What is said of customers who have more, or less, of it than the shop's average: ``order more often``.
        Empty where more and less say nothing.
    phrase
        What a rule says, with ``{}`` where the amount belongs; of ``yes_no`` the two sentences beside ``|``.
    whole
        Only whole numbers occur.
    """

    name: str
    label: str
    unit: str
    family: str
    transform: str
    more_words: str
    less_words: str
    phrase: str
    whole: bool = False

    @property
    def is_numeric(self) -> bool:
        """Tell whether more and less mean something, so that distances may be taken."""
        return self.unit not in ("text", "yes_no", "hour", "weekday")

    @property
    def counts_orders(self) -> bool:
        """Tell whether one more is one order more: such borders are never softened."""
        return self.unit == "orders" and self.whole


FEATURES: dict[str, Feature] = {row[0]: Feature(*row, whole=row[0] in WHOLE) for row in ROWS}


def nearest_features(name: str) -> list[str]:
    """Return up to three names of features that look like ``name``, the likeliest first."""
    by_label = {feature.label: feature.name for feature in FEATURES.values()}
    wanted = name.strip().lower()[:100]
    near = get_close_matches(wanted.replace(" ", "_").replace("-", "_"), FEATURES, n=3, cutoff=0.6)
    labelled = [
        by_label[label] for label in get_close_matches(wanted.replace("_", " "), by_label, n=2, cutoff=0.7)
    ]
    return list(dict.fromkeys([*labelled, *near]))[:3]
