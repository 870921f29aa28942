"""What developers and operators run: `make help` lists it."""
