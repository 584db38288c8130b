"""A box that updates itself: an image from a stick or a server, written while parts flow."""
