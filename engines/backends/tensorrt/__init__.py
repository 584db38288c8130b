"""TensorRT: plans built on the box, a CUDA graph a ring slot, deadlines without a blocking wait."""
