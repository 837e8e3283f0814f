"""A network that reaches the internet, in one step."""
