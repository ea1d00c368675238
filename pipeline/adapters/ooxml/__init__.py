"""Workbooks as packages of parts: read in one pass, edited without touching what is not meant."""
