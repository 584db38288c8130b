"""How the box itself fares: temperatures, clocks, throttling, power, as the kernel has them."""
