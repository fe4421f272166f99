"""The mission: its places, zone, keys and counter."""
