"""What customers will probably do next, and how well that can be said."""
