"""Made-up values, as long and as odd as they may be, for people who edit templates."""
