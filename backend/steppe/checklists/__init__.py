"""Checklists: authored as XLSForm, compiled once, filled on phones."""
