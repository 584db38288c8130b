"""Lines of a GPIO chip, as triggers and ejectors have them: one contract, the kernel behind it."""
