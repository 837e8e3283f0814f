"""OpenStack, and nothing of the web: what the rest of Belvedere may ask of a cloud."""
