"""Tests of augur_rank.evaluation."""
