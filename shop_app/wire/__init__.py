"""Calls to other people's servers: bounded in time and size, to the hosts we mean, and never redirected."""
