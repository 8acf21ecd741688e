"""The Admin GraphQL interface of the stand-in: a subset of the real schema, executed strictly."""
