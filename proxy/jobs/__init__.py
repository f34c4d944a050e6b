"""The durable record of every request for media."""
