"""Queries: what headquarters asks of teams about a report or about nothing reported yet, and their replies."""
