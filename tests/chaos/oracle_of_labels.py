"""Which labels must stand in the stores and the account: the segments, less the trouble that stores tell of."""

from datetime import UTC, datetime, timedelta

import oracle
from foreign import account

LEFT_ALONE = timedelta(days=14)
NO_LABEL = {None, "prospects"}
SPARED = "kindred:no-discounts"


def troubled(state_file, shop, *, at):
    """Return the owners of orders that were refunded or cancelled lately."""
    found = set()
    for order in oracle.documents(state_file, shop, "order"):
        moments = [refund["createdAt"] for refund in order["refunds"] if refund["amount"] > 0]
        if order["cancelledAt"] and not order["test"]:
            moments.append(order["cancelledAt"])
        if any(at - datetime.fromisoformat(moment) < LEFT_ALONE for moment in moments):
            found.add(order["customerId"])
    return found - {None}


def labels(owner_url, state_file, shop):
    """Return by the store's number of each customer: person, whether they stand for it, and their label."""
    rows = oracle._rows(
        owner_url,
        shop,
        "SELECT c.shopify_id, c.id = c.person_id AS stands, c.person_id, s.segment FROM customers c "
        "LEFT JOIN customer_scores s ON s.customer_id = c.person_id "
        "WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL AND c.shopify_id IS NOT NULL",
    )
    trouble = troubled(state_file, shop, at=datetime.now(tz=UTC))
    held_back = {row["person_id"] for row in rows if row["shopify_id"] in trouble}
    for row in rows:
        quiet = row["person_id"] in held_back or row["segment"] in NO_LABEL
        row["label"] = None if quiet else row["segment"]
    return {row["shopify_id"]: row for row in rows}


def tags_told(wanted, customers):
    """Return what of ours each customer of a store must carry."""
    told = {number: [] for number in customers}
    for number, row in wanted.items():
        if row["label"] and number in told:
            told[number] = [f"kindred:{row['label']}"]
    return told


def metafields(state_file, shop):
    """Return the label in the app's own metafield, by customer."""
    return {
        each["ownerId"]: each["value"]
        for each in oracle.documents(state_file, shop, "metafield")
        if (each["ownerKind"], each["key"]) == ("customer", "segment") and each["namespace"].startswith("app--")
    }


def account_told(wanted, state_file, shop):
    """Return by e-mail address the label that a profile must have, and the lists that it must be in."""
    told = {}
    for customer in oracle.documents(state_file, shop, "customer"):
        row = wanted.get(customer["id"])
        if row is None or not row["stands"] or not row["label"] or not customer["email"]:
            continue
        may_mail = (customer["emailMarketing"] or {}).get("state") == "SUBSCRIBED"
        told[customer["email"].lower()] = (row["label"], [row["label"]] if may_mail else [])
    return told


def account_kept(state_file, slugs, foreign):
    """Return the same as the account has it, of every profile that was there before us."""
    profiles, _, members = account(state_file)
    kept = {}
    for key in foreign:
        profile = profiles[key]
        label = profile["properties"].get("kindred_segment", "none")
        lists = sorted(slug for group, slug in slugs.items() if key in members.get(group, ()))
        kept[profile["email"]] = (None if label == "none" else label, lists)
    return kept


def our_lists(owner_url, shop):
    """Return the lists that the database says are ours, by their id there."""
    found = oracle._rows(
        owner_url,
        shop,
        "SELECT remote_id, slug FROM remote_groups WHERE destination = 'klaviyo' AND role = 'list'",
    )
    return {row["remote_id"]: row["slug"] for row in found}


def left_over(owner_url, shop):
    """What still waits to be sent, and what keeps it from being sent."""
    return {
        name: found
        for name, query in {
            "to send": "SELECT destination, state, count(*) AS n FROM push_states "
            "WHERE state NOT IN ('settled', 'absent') GROUP BY 1, 2",
            "chunks": "SELECT destination, steps, step, submitted, poll_at::text FROM push_jobs",
            "to work out": "SELECT count(*) AS n FROM push_marks HAVING count(*) > 0",
            "open pushes": "SELECT destination, kind, state FROM pushes WHERE state IN ('open', 'running')",
            "farewells": "SELECT destination, attempts, reason FROM farewells",
            "to be made": "SELECT kind, notices FROM destinations WHERE notices::text LIKE '%yet%'",
            "not on": "SELECT kind, state, reason FROM destinations WHERE state <> 'on'",
        }.items()
        if (found := oracle._rows(owner_url, shop, query))
    }


def acknowledging(owner_url, shop):
    """Return the destinations of a shop that have confirmed something."""
    query = "SELECT kind FROM destinations WHERE acknowledged_at IS NOT NULL ORDER BY kind"
    return [row["kind"] for row in oracle._rows(owner_url, shop, query)]


def count_sent(owner_url, shop):
    """Return how many rows of pushes have arrived."""
    return oracle._rows(owner_url, shop, "SELECT count(*) AS n FROM push_rows WHERE state = 'sent'")[0]["n"]
