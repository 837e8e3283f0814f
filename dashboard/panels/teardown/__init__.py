"""Taking a project down: what it holds, in which order it goes, and how far it is."""
