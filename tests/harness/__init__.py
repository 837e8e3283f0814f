"""What tests against the real OpenStack share: the cloud's API, the running dashboard, and a browser."""
