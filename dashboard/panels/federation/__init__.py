"""Federation: identity providers, mappings, service providers."""
