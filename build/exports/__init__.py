"""What training tools export, made into a model as gonogo.engines.model wants it."""
