"""Signing in and out, scopes, and the sealed session that tokens stay in."""
