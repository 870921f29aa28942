"""The HR backend: what the city knows of its candidates, behind a small contract that the assistant reads."""
