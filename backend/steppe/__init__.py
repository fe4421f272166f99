"""Steppe: field forms for observation missions, offline on the phone and live at the desk."""
