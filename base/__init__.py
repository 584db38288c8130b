"""The ground that every folder stands on: errors, words, sections, memory, files, real time."""
