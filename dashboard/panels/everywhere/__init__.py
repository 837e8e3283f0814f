"""One's own servers in all projects and regions."""
