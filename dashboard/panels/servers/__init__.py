"""Servers: their list, what can be done to them, and launching new ones."""
