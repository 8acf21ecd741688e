"""A stand-in for Klaviyo: a separate program that is reached over HTTP like the real one."""
