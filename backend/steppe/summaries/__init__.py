"""Tallies per region and the pages made of them."""
