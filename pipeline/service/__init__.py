"""Memory around the single project: mail, and what watches, publishes and reports."""
