"""API access."""
