"""Small changes to the modules that a verdict depends on, to see which of them the tests notice."""
