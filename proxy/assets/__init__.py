"""Media files: what clients give, what upstreams make, and where both are kept."""
