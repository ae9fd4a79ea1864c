"""Benchmarks of the engine, as `ballast bench` runs them: each model beside a plain reference in one run."""
