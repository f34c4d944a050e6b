"""Everything of Filmgate that touches the world: HTTP, disk, clock, database."""
