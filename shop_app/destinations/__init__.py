"""Where labels go: each destination speaks its vendor's wire, and knows nothing of plans and tables."""
