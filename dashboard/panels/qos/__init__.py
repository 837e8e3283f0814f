"""QoS policies."""
