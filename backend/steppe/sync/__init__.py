"""Push, pull, receipts and the feed."""
