"""System information."""
