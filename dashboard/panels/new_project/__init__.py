"""A project in one go: with its members, its quotas and its network."""
