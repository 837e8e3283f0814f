"""Left-overs: what of a project's networking nobody uses any more."""
