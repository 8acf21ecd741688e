"""Frames that the folders below build on can be imported from here: pytest puts this folder on the path."""
