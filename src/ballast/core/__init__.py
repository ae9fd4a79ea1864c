"""Pure analysis: no Django, no I/O, no clock. One idea a module."""
