"""From a trained model, a dump or a checkpoint to a model file that is proven on the library's own scores."""
