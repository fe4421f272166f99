"""The end of what was kept aside: judged again, taken after all, or kept apart for good."""
