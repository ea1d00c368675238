"""Project and company to facts: totals with their cells, class, margin, state. The only place that adds money."""
