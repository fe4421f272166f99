"""Receipt files: what headquarters writes for whoever wants proof, and what such a file proves without a server."""
