"""The bulk-material board: lamps of price and supply of each commodity, with how often such a lamp came true."""
