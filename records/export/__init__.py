"""Labelled pictures of parts, chosen, split and written as other programs read them."""
