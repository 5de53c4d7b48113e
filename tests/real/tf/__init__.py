"""The cases of the libraries on TensorFlow."""
