"""From results of the engine to documented result tables and run.json."""
