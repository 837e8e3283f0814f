"""Trunks."""
