"""What a filled checklist amounts to: its answers checked, its relevance and calculations, its flags."""
