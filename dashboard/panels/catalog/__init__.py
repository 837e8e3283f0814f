"""The catalog: services, endpoints and regions."""
