"""The daily report over all projects."""
