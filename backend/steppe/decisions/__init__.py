"""What people decide: the review of reports, and what becomes of what was kept aside."""
