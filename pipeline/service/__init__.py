"""Memory around the single project: the watched folder and the night, publishing, mail."""
