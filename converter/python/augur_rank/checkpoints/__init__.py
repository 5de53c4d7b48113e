"""Checkpoints of every kind: their tensors, and what else the file tells of the model."""
