"""Live models of the libraries that train DIENs: from an object to a Dump."""
