"""What every domain stands on and none of it knows: settings, database, clock, ids, problems, HTTP, blobs."""
