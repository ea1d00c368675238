"""Files to projects: gate, recognise the form, read cells, convert them by the type of their field."""
