"""Limits and quotas: what a project may have, and has."""
