"""From a template to a checked document: filled, laid out, converted, everything arrived."""
