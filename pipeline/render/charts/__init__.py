"""The figures of the documents, from their data to the picture."""
