"""Limits from what people say of parts that passed: proposed, written, and taken back."""
