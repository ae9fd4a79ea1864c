"""What is said when pieces cannot be computed or kept."""

__all__ = ["ScaleError"]


class ScaleError(Exception):
    """A cluster that is not there, or a folder of pieces that does not fit: what is wrong, and the way out."""
