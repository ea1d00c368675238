"""Projects run on other machines: Dask hands them out, an exchange folder carries what they need and what they make."""
