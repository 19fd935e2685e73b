"""The recogniser's speed, ours and PyTorch's."""
