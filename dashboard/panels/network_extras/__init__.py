"""Metering, NDP proxies and local IPs, where a cloud has them."""
