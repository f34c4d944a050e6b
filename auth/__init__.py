"""Who may call us (client keys, signed links) and how we prove ourselves upstream (credentials)."""
