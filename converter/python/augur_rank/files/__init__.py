"""File formats that several rooms write and read."""
