"""Features and tags that seem to tell what the law protects most: they need a logged confirmation."""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Suspicion(NamedTuple):
    """A name that looks as if it told something protected: what of it, and by which part of the name."""

    name: str
    category: str
    word: str


_CATEGORIES = {
    "religion or belief": """
        relig faith church mosque synagogue christian catholic protestant muslim islam jewish judais hindu
        buddhis sikh halal kosher koscher ramadan atheis kirche glaube evangelisch katholisch eglise catholique
        iglesia creencia""",
    "health": """
        health medic disease illness disab diabet cancer pregnan fertility hiv aids allerg gluten celiac coeliac
        depress mental therapy patient prescri pharma wheelchair addict alcoholic obes asthma gesund krank
        schwanger behinder diagnos sante grossesse enceinte maladie handicap salud embaraz enferm""",
    "sex life or orientation": """
        gay lesbian bisexual homosexual queer lgbtq lgbt transgender transsexual sexual sexuell orientation""",
    "ethnic origin": """
        ethnic race racial native migrant migration immigra refugee roma sinti hispanic latino
        indigenous herkunft ethnie origine""",
    "political opinion": """
        politic party_member democrat republican conservative socialist communist green_party voter activis
        partei politisch""",
    "trade union": "trade_union union_member labor_union labour_union gewerkschaft syndicat sindicato",
    "genetic or biometric data": "genetic genom dna biometr fingerprint face_id",
    "criminal record": "criminal convict offender prison felon vorstraf",
}
# Art. 9 and 10 GDPR. A word may begin a longer one (relig: religion, religious); short ones must stand alone,
# or race would be found in racetrack. A suspicion too many costs a click, one too few a person's secret.
_SHORT = 4


def _pattern(word: str) -> re.Pattern[str]:
    ending = "(?:s|e|en)?(?![a-z])" if len(word) <= _SHORT else ""
    return re.compile(f"(?<![a-z]){word.replace('_', '[^a-z]?')}{ending}")


_PATTERNS = {_pattern(word): category for category, words in _CATEGORIES.items() for word in words.split()}


def suspicions(names: Iterable[str]) -> list[Suspicion]:
    """Find the names of features or tags that look as if they told something protected.

    Parameters
    ----------
    names
        Feature names, tags and values that a rule is made of.

    Returns
    -------
    list of Suspicion
        In the order of the names, each with the first category that fits. A rule with any needs somebody to
        confirm, in the log and with their reason, that the shop may use it so.

    Notes
    -----
    It goes by words of a few languages, so an empty list proves nothing: ``club 7`` may be the patients' club.
    """
    return [found for found in (_suspicion(name) for name in names) if found]


def confirmation_words(found: Suspicion) -> str:
    """Say why the merchant is asked."""
    return (
        f'"{found.name}" may tell something about {found.category}. The law allows its use only with the '
        "customers' explicit consent or another of its few reasons. Confirm that you have one; your name, the "
        "day and what it is about are kept in the log."
    )


def _suspicion(name: str) -> Suspicion | None:
    plain = _without_accents(name.lower())
    for pattern, category in _PATTERNS.items():
        if match := pattern.search(plain):
            return Suspicion(name, category, match.group(0))
    return None


def _without_accents(text: str) -> str:
    import unicodedata

    spread = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in spread if not unicodedata.combining(letter))
