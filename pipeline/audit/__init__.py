"""A second way from the workbooks to the figures, which shares no code with the first: openpyxl reads, pandas adds."""
