"""CUDA as the TensorRT backend needs it, from whichever Python package the box has."""
