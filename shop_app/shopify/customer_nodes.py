"""Customers as GraphQL tells them, turned into facts a column at a time."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from shop_app.contacts.cleaning import clean_phones, is_no_email
from shop_app.contacts.countries import country_codes
from shop_app.facts import CUSTOMER_SCHEMA, LINE_SCHEMA, ORDER_SCHEMA, REFUND_SCHEMA, Facts, conform, empty
from shop_app.shopify import node_columns as columns
from shop_app.shopify.node_columns import Node

CONSENTS = {
    "subscribed": "subscribed",
    "unsubscribed": "unsubscribed",
    "not_subscribed": "not_subscribed",
    "never_subscribed": "not_subscribed",
    "pending": "pending",
    "redacted": "redacted",
    "invalid": "invalid",
}
"""Shopify's words for consent to e-mail and to text messages, in small letters, and ours."""


def customers_to_facts(nodes: Sequence[Node], told_at: datetime) -> Facts:
    """Return what customers' own records hold (fields of ``CustomerFields``), believed above everything else.

    Those without a number are passed over; ``told_at`` is when Shopify was asked, aware.
    """
    email, phone = "defaultEmailAddress", "defaultPhoneNumber"
    raw = pl.DataFrame(
        {
            "shopify_id": columns.numbers(columns.inner(nodes, "id")),
            "email": columns.filled(columns.inner(nodes, email, "emailAddress")),
            "phone": columns.filled(columns.inner(nodes, phone, "phoneNumber")),
            "first_name": columns.filled(columns.inner(nodes, "firstName")),
            "last_name": columns.filled(columns.inner(nodes, "lastName")),
            "email_consent": columns.filled(columns.inner(nodes, email, "marketingState")),
            "sms_consent": columns.filled(columns.inner(nodes, phone, "smsMarketingConsent", "state")),
            "tags": columns.listed(columns.inner(nodes, "tags")),
            "country": columns.filled(columns.inner(nodes, "defaultAddress", "countryCodeV2")),
            "created_at": columns.times(columns.inner(nodes, "createdAt")),
            "data_sale_opt_out": columns.flags(columns.inner(nodes, "dataSaleOptOut")),
            "known_at": columns.times(columns.inner(nodes, "updatedAt")),
        }
    ).with_columns(told_at=pl.lit(told_at))
    return Facts(
        customers=customer_columns(raw),
        orders=empty(ORDER_SCHEMA),
        lines=empty(LINE_SCHEMA),
        refunds=empty(REFUND_SCHEMA),
    )


def customer_columns(customers: pl.DataFrame) -> pl.DataFrame:
    """Bring plain columns of customers' records into the form that facts have, whoever told them.

    A record without a date of its own counts as old as the telling, ``told_at``.
    """
    known = customers.drop_nulls("shopify_id").with_columns(country=country_codes("country"))
    return conform(
        known.with_columns(
            customer_ref=pl.format("customer:{}", "shopify_id"),
            email=pl.when(~is_no_email("email")).then(pl.col("email").str.to_lowercase()),
            phone=clean_phones(known["phone"], known["country"]),
            email_consent=_consent("email_consent"),
            sms_consent=_consent("sms_consent"),
            known_at=pl.coalesce("known_at", "told_at"),
        ),
        CUSTOMER_SCHEMA,
    )


def _consent(column: str) -> pl.Expr:
    words = pl.col(column).str.to_lowercase()
    return words.replace_strict(CONSENTS, default=None, return_dtype=pl.String)
