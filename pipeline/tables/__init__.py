"""Tables for analysis: one row a fact of a project, with its cells, as pandas frames and as files."""
