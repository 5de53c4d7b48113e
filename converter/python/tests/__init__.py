"""Tests of the Python side; `python3 -m unittest discover -s tests -t .` runs them."""
