"""Warnings as messages of the Common Alerting Protocol 1.2 (OASIS, July 2010): written, checked and read."""
