"""Sharing by RBAC policies."""
