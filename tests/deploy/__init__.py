"""`deploy/`: valid without an engine or a cluster, and in step with the code."""
