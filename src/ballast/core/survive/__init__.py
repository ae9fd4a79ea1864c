"""How long demand is met after a site stops, and what its absence costs."""

from ballast.core.survive.times import LONGEST, Chain, Survival, chain_of, survive, survive_chain

__all__ = ["LONGEST", "Chain", "Survival", "chain_of", "survive", "survive_chain"]
