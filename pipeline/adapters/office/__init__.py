"""Programs that turn documents into PDF."""
