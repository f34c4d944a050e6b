"""Which upstream serves a request, and what is known of the models."""
