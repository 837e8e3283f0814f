"""Roles: what people may be given, and which role implies which."""
