"""What training tools export, made into a model as gonogo.engines.backends.model wants it."""
