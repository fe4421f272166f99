"""Telling open desks that something changed, without telling what it says."""
