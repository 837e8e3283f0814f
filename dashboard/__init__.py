"""Belvedere: a web dashboard for OpenStack."""
