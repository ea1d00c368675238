"""The words every other package speaks: places, values, findings, money, calendar, projects, facts."""
