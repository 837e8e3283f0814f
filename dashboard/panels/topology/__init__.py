"""Topology: how a project's networks hang together."""
