"""Pages that join several areas, base templates, middleware and components."""
