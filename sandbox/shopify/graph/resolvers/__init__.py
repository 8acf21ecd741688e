"""Resolvers by part of the schema; the engine loads every module here, which registers its own."""
