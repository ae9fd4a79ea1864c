"""Pure analysis: no Django, no I/O, no clock. A room an idea; columns, texts and sums are what all stand on."""
