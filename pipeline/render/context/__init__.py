"""Everything that a template may print, with the cells behind it."""
