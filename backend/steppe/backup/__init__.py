"""Backups: sealed files of everything a server holds, checked as they are made, and the way back from one."""
