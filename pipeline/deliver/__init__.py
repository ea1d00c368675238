"""Packs: folders with a zip beside them, with a list, hashes and provenance."""
