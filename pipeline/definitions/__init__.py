"""Forms, documents and rules as data, and the one writer that makes blank and filled workbooks from them."""
