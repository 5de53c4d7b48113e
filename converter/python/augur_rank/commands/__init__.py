"""The commands that the package installs: augur-convert, augur-inspect, augur-rank and augur-bench."""
