"""What the core team reads: reports, one by one."""
