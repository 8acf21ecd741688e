"""Every place where something of a shop or of its customers can be: the one list that erasures stand on.

A test walks the migrations and fails where a table is missing here. The privacy page and ``docs/privacy.md``
tell the same.
"""

from dataclasses import dataclass
from datetime import timedelta

BODIES_KEPT = timedelta(days=7)
"""How long after it was applied a webhook's body is kept: as long as somebody may ask what it said."""
STUCK_BODIES_KEPT = timedelta(days=30)
"""The same for one that could not be applied: somebody may still mend what was in its way."""
DELIVERIES_KEPT = timedelta(days=60)
"""How long it is known that a webhook came at all, so that it counts once however often it is sent."""
ACCESS_KEPT = timedelta(days=365)
PUSH_ROWS_KEPT = timedelta(days=90)
"""How long it is known which customers a push concerned; until then it can be undone."""
ENGAGEMENT_KEPT = timedelta(days=365)
SUBJECTS_KEPT = timedelta(days=30)
"""How long after its end a request for data says whom it was about: it can be fetched again until then."""

_SHOP = "as long as the shop has the app; deleted two days after it left"
_ERASED = "deleted"
_NOT_PERSONAL = "nothing: it tells of no person"


@dataclass(frozen=True, slots=True)
class Store:
    """One place: what it holds, how long, what of it is encrypted, and what an erasure of a person does.

    ``table`` names a table of the database that has a row's shop in ``shop_id``, "" for anything else.
    """

    name: str
    holds: str
    kept: str = _SHOP
    sealed: str = ""
    erasure: str = _NOT_PERSONAL
    table: str = ""

    @property
    def is_personal(self) -> bool:
        """Tell whether a single customer can be found in it."""
        return self.erasure != _NOT_PERSONAL


def _table(
    table: str, name: str, holds: str, *, kept: str = _SHOP, sealed: str = "", erasure: str = _NOT_PERSONAL
) -> Store:
    return Store(name=name, holds=holds, kept=kept, sealed=sealed, erasure=erasure, table=table)


STORES = (
    _table(
        "shop_connections",
        "Connection to Shopify",
        "access and refresh token, granted scopes, the shop's number and plan",
        sealed="both tokens",
    ),
    _table(
        "customers",
        "Customers",
        "Shopify's number, e-mail address, phone, name, consent to e-mail and SMS, objection to the sale of "
        "data, tags, country, how they came; keyed hashes of address, phone and name to match by",
        sealed="e-mail address, phone, first and last name",
        erasure=_ERASED,
    ),
    _table(
        "orders",
        "Orders",
        "number, time, amounts, state, channel, country, tags, discount codes, whose it is",
        erasure="the link to the person, codes and tags are removed; the sale stays, by nobody known",
    ),
    _table("line_items", "Order lines", "product, quantity and price of each line of an order"),
    _table(
        "refunds",
        "Refunds",
        "amount, time, order, whose it is",
        erasure="the link to the person is removed; the amount stays",
    ),
    _table(
        "checkouts",
        "Carts and checkouts",
        "time, value, products, whether it became an order, Shopify's number of the customer; a hash of the "
        "token",
        erasure="the link to the person is removed",
    ),
    _table(
        "customer_scores",
        "Figures and segments",
        "each customer's figures, marks, segments and predictions",
        erasure=_ERASED,
    ),
    _table("membership_changes", "Moves", "who moved from which segment to which, and when", erasure=_ERASED),
    _table(
        "webhook_inbox",
        "Webhooks",
        "what Shopify sent, as it came",
        kept="bodies 7 days after they were applied, 30 days where they could not be; that they came, 60 days",
        sealed="the body",
        erasure="bodies that name the person are blanked",
    ),
    _table(
        "privacy_requests",
        "Requests for data and erasure",
        "what was asked for, when, and what became of it; of whom, until it is done",
        sealed="whom it is about",
        erasure="whom it is about is forgotten, the request stays as a record",
    ),
    _table(
        "access_log",
        "Access log",
        "which of the shop's people looked at which customer or exported what, and when",
        kept="one year",
        erasure="whom they looked at is forgotten",
    ),
    _table(
        "dirty_customers",
        "Customers to be computed anew",
        "ids of ours",
        kept="seconds",
        erasure=_ERASED,
    ),
    _table(
        "refetches",
        "To be read again",
        "Shopify's numbers of orders, customers and products",
        kept="until it was read",
        erasure=_ERASED,
    ),
    _table(
        "tombstones",
        "What was deleted in Shopify",
        "Shopify's numbers of deleted orders, products and customers, so that they do not come back",
        erasure="the customer's number is deleted, a keyed hash of it takes its place",
    ),
    _table(
        "erased_subjects",
        "Who was erased",
        "keyed hashes of number, address and phone, so that nothing brings the person back",
        erasure="this is what an erasure leaves: it can be compared with, and not be read",
    ),
    _table("imports", "Imported files", "name, kind, time and counts of each file"),
    _table("products", "Products sold", "title, SKU, vendor, category"),
    _table("catalogue_products", "Catalogue: products", "title, state, vendor, type, tags"),
    _table("catalogue_variants", "Catalogue: variants", "title, SKU, price, cost, stock"),
    _table("catalogue_collections", "Catalogue: collections", "title"),
    _table("collection_products", "Catalogue: which product is in which collection", "Shopify's numbers"),
    _table(
        "model_fits",
        "Fitted models",
        "edges, predictions and groups: numbers of the whole shop, and what was measured of them",
    ),
    _table("own_segments", "Segments of your own", "name and rule, every version, who wrote it"),
    _table("plays", "Playbook", "what you have changed in it, and who did"),
    _table("decisions", "Decisions", "who approved or changed what about segments, and when"),
    _table(
        "destinations",
        "Destinations",
        "where labels are sent: settings, whose account, how it is doing",
        sealed="keys and signing secrets",
    ),
    _table(
        "push_states",
        "Labels at destinations",
        "for each customer what a destination is to hold and does hold, its own id of the customer, why "
        "somebody is left out",
        erasure="taken back at the destination, then deleted",
    ),
    _table("pushes", "Pushes", "what was sent when, why, and who approved it"),
    _table(
        "push_rows",
        "Pushes, customers",
        "what a push changed for which customer",
        kept="90 days",
        erasure=_ERASED,
    ),
    _table(
        "push_jobs",
        "Pushes under way",
        "which customers a destination is being sent now, with their labels and tags",
        kept="minutes",
    ),
    _table(
        "push_marks",
        "Customers whose labels are to be compared",
        "ids of ours",
        kept="seconds",
        erasure=_ERASED,
    ),
    _table(
        "remote_groups",
        "Segments and lists at destinations",
        "ids of the segments, lists and definitions that Kindred has made there",
    ),
    _table(
        "farewells",
        "To be taken back",
        "ids at a destination, and what of ours is there, of people who are erased here",
        kept="until the destination has confirmed",
        erasure="this is how an erasure reaches a destination: deleted once it has",
    ),
    _table(
        "holdout_members",
        "Control groups",
        "who is left out of a segment's campaigns so that their effect can be measured, and since when",
        erasure=_ERASED,
    ),
    _table("segment_baselines", "Baselines", "figures of a segment before anything was sent for it"),
    _table(
        "email_engagement",
        "E-mail engagement",
        "by day: how many e-mails a customer received, opened and clicked in",
        kept="a year",
        erasure=_ERASED,
    ),
    _table("export_schedules", "Scheduled files", "what is written to which folder, and when"),
    _table("basket_runs", "Baskets", "when all baskets were looked at, and how many there were"),
    _table("basket_findings", "Baskets, what was found", "what sells together, in counts of the whole shop"),
    _table("bundles", "Bundles", "what is offered on which terms, who approved it, and what came of it"),
    _table("bundle_steps", "Bundles, steps", "what was sent to Shopify for a bundle, and when"),
    _table(
        "bundle_arms",
        "Bundles, who could use them",
        "who could use an offer and who was left out of it, with what they were expected to spend",
        erasure=_ERASED,
    ),
    _table("segment_runs", "Overviews", "sums by segment, month and verdict"),
    _table("shop_checks", "Checks", "what was found when subscriptions and figures were compared: counts"),
    _table("backfills", "Backfills", "when the history was read"),
    _table("backfill_parts", "Backfill, parts", "how far each part is"),
    _table("sync_marks", "Marks of reading", "until when changes were read"),
    _table("leases", "Leases", "who is at work on what", kept="a day"),
    _table("shop_settings", "Settings", "title, currency, time zone, which orders count"),
    Store(
        "Shops and their due work",
        "the shop's domain and state, and what is to be done for it",
        kept="the domain for good: a shop that comes back is found by it",
        table="shops",
    ),
    Store(
        "Backfill files",
        "Shopify's export of orders and customers, in KINDRED_HOME/spool, for this program's user only",
        kept="until they are taken in, minutes as a rule",
        erasure="an erasure is not done before they are gone",
    ),
    Store(
        "Reject files",
        "rows of an imported file that could not be used, beside where the import was started",
        kept="until you delete them: they are yours, and Kindred does not know where you put them",
        erasure="delete them yourself, as well as the file you imported",
    ),
    Store(
        "Files written by schedule",
        "tables of customers with their labels, in KINDRED_HOME/exports or a folder that you listed",
        kept="the newest thirty of each; deleted with the schedule, or when the shop has left",
        erasure="files from before it are deleted, and written anew without the person",
    ),
    Store(
        "Exports",
        "tables and data that you download, also by link; nothing of them is kept here",
        kept="not at all",
        erasure="delete yourself what you downloaded",
    ),
    Store(
        "Redis",
        "names of tasks and ids of shops; how much of Shopify's call budget is left",
        kept="seconds",
    ),
    Store(
        "Logs and metrics",
        "what happened, with ids of shops; no name, address, phone, order or token",
        kept="as your machine keeps logs",
    ),
    Store(
        "Ledger of erasures",
        "KINDRED_HOME/erasures.jsonl: when which shop's person was erased, by keyed hashes",
        kept="for good: a restored backup is told by it what to forget",
        erasure="this is what an erasure leaves: it can be compared with, and not be read",
    ),
    Store(
        "Backups",
        "whatever your backup of the database holds",
        kept="as long as you keep it",
        erasure="out of use until it is overwritten; kindred redact --replay forgets again after a restore",
    ),
)

SHOP_TABLES = tuple(store.table for store in STORES if store.table not in ("", "shops"))
"""All tables that hold rows of a shop, in the order in which they are emptied when it has left."""

NAMES = {store.table: store.name for store in STORES if store.table}


def list_personal() -> tuple[Store, ...]:
    """Return the places in which a single customer can be found."""
    return tuple(store for store in STORES if store.is_personal)
