"""Which customers belong together, by rules, by clusters, or by both."""
