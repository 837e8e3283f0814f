"""Reach: whether one thing gets through to another, and what stops it."""
