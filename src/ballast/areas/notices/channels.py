"""What every way out of the house answers."""

from dataclasses import dataclass

__all__ = ["LONGEST_ANSWER", "Answer"]

LONGEST_ANSWER = 500


@dataclass(frozen=True)
class Answer:
    """How one attempt went.

    `final` says that trying again is of no use; `unreachable` that nothing else through the same channel would go
    either; `text` is what the server said.
    """

    text: str
    sent: bool = False
    final: bool = False
    unreachable: bool = False

    @property
    def kept(self) -> str:
        """The text as it is stored: one line, without what no database takes."""
        return " ".join(self.text.replace("\x00", "").split())[:LONGEST_ANSWER]
