"""Papers that were issued: which ones, what they say, and their bytes; a paper that was signed is never made anew."""
