"""What drives jobs from acceptance to their end."""
