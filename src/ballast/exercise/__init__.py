"""The exercise: an invented, seeded replay of spring 2022 over real region and industry codes."""
