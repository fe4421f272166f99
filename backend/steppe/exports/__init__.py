"""Region summaries and submissions as XLSX and CSV."""
