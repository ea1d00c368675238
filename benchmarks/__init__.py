"""The same work done by us and by what a user would pick instead; `scripts/bench` runs it."""
