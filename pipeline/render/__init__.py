"""Contexts, documents, the findings report and the provenance: everything that is read by people."""
