"""Photos and files, encrypted on the phone, uploaded in resumable pieces."""
