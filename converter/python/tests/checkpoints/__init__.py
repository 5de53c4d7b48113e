"""Tests of augur_rank.checkpoints and of the commands that read them."""
