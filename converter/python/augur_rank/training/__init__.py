"""Training for Augur: the DIEN family in PyTorch, its float64 reference, and a synthetic shop."""
