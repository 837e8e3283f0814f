"""How the cloud is, for those who run it."""
