"""What is going on in a project."""
