"""Case packs: the kinds of cases, their states, moves and forms as data."""
