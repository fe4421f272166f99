"""Arithmetic that comes to the same last digit on the server and on every phone."""
