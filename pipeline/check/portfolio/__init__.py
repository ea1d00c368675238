"""What one project says against another."""
