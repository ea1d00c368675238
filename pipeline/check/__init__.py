"""The judges: one module a subject; each check takes a case and yields findings or comparisons."""
