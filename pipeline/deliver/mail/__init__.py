"""Letters: their text, their message, their delivery."""
