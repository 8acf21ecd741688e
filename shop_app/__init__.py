"""Kindred: which customers are alike, what they will do next, and what sells together."""
