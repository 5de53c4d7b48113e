"""Tests of augur_rank.vocabularies."""
