"""Presales document pipeline: filled workbooks in, checked and signed-off-ready document packs out."""
