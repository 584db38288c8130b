"""The engine process: what it holds, how it proves itself, how hard it runs."""
