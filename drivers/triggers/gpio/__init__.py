"""Parts by lines of a GPIO chip: a photo-eye alone, or with a quadrature encoder beside it."""
