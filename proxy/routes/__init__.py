"""HTTP: who asks, what for, and how the answer goes out."""
