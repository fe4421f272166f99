"""Changes as they happen, to whoever looks."""
