"""Where a domain or the system begins."""
