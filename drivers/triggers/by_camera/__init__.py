"""The first view's camera finds the parts itself."""
