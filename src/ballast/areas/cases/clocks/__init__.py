"""The clocks of a case: policies, calendars, waiting, extensions, and when it is due."""
