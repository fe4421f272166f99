"""Authoring: from a spreadsheet (XLSForm) to a definition, and back."""
