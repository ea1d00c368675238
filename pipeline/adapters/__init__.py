"""The outside, wrapped once each: zip parts, LibreOffice, Jinja."""
