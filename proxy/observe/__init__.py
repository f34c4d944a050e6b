"""What Filmgate tells its operator: logs, and what must never be in them."""
