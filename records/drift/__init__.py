"""Whether what was decided still holds: control charts of scores, embeddings and overrides."""
