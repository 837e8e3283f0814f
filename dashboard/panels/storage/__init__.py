"""Volumes, and what is made of them: snapshots, backups, groups, transfers."""
