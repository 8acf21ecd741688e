"""All that speaks Shopify's wire, and only here."""
