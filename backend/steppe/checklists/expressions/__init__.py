"""The language of checklists: from the text of an expression to its value."""
