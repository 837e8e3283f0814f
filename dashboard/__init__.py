"""Belvedere: a web dashboard for OpenStack."""

__version__ = "0.1.0"
