"""Which projects are run, and where people find what came of it."""
