"""The cases of the libraries on PyTorch."""
