"""A stand-in for Shopify: its admin, its interface and its webhooks over real HTTP, in a process of its own."""
