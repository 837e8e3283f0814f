"""Subnet pools and address scopes."""
