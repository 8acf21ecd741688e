"""What a merchant sets for Klaviyo."""

from collections.abc import Mapping
from typing import Any

from shop_app.destinations.base import Setting

PRIVATE_KEY = "private_key"
ACCESS_TOKEN = "access_token"  # noqa: S105 (a name; in place of the key after consent)
CREATE_PROFILES = "create_profiles"
LISTS = "lists"
LIST_MEMBERS = "list_members"
SEGMENTS = "segments"
EVENTS = "segment_changed_event"
ENGAGEMENT = "engagement"

SCHEMA = (
    Setting(
        PRIVATE_KEY,
        "Private key",
        "secret",
        help=(
            "Made in Klaviyo under Settings, API keys. It needs accounts:read, profiles:read, profiles:write, "
            "lists:read and lists:write (imports need the latter even without lists); segments:read and "
            "segments:write for segments; metrics:read and events:read for engagement; events:write for the "
            "event. Do not give it subscriptions:write: Kindred never changes who may be mailed."
        ),
        required=True,
    ),
    Setting(
        CREATE_PROFILES,
        "Create profiles that Klaviyo does not know",
        "yes_no",
        help="Off, only existing profiles are updated. On, each new profile counts towards Klaviyo's bill.",
        default=False,
    ),
    Setting(
        LISTS,
        "One list for each segment",
        "yes_no",
        help=(
            "Lists that Kindred makes and keeps; no other list is ever touched. Being in one gives no "
            "permission to mail anybody."
        ),
        default=True,
    ),
    Setting(
        LIST_MEMBERS,
        "Lists hold",
        "choice",
        help="Properties are written to existing profiles either way, and give no permission to mail anybody.",
        default="subscribed",
        choices=(("subscribed", "Only those who may be mailed"), ("everybody", "Everybody in the segment")),
    ),
    Setting(
        SEGMENTS,
        "Matching segments in Klaviyo",
        "yes_no",
        help=(
            "Klaviyo keeps these up to date by itself, from the properties. A campaign's estimated audience is "
            "smaller than the segment: Klaviyo leaves out whoever may not be mailed."
        ),
        default=True,
    ),
    Setting(
        EVENTS,
        "Send the event “Segment changed”",
        "yes_no",
        help="For flows that start when a customer moves. What is told of a customer first starts no flow.",
        default=False,
    ),
    Setting(
        ENGAGEMENT,
        "Read e-mail engagement",
        "yes_no",
        help="Clicks, opens that were no machine's, bounces and complaints, as signals about each customer.",
        default=True,
    ),
)

_DEFAULTS = {setting.name: setting.default for setting in SCHEMA}


def value_of(settings: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 (of the setting's own type)
    """Return a setting, or what holds where it was never set."""
    found = settings.get(name)
    return _DEFAULTS[name] if found is None else found


def creation_words(count: int, *, creates: bool) -> str:
    """Return the sentence about customers that Klaviyo has no profile of."""
    who = "1 customer has" if count == 1 else f"{count:,} customers have"
    if not creates:
        return f"{who} no profile in Klaviyo and will be left out."
    new = "1 new profile" if count == 1 else f"{count:,} new profiles"
    return f"{who} no profile in Klaviyo: this makes {new}, and Klaviyo bills by the number of profiles."
