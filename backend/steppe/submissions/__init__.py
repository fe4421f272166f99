"""Filled checklists: revisions are facts, current answers are derived."""
