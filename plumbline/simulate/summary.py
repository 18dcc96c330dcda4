"""What came of a simulation: how much was sent, what was refused and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console

from plumbline.simulate.api import RefusedError

SHOWN = 5


@dataclass(slots=True)
class Summary:
    """How a simulation went."""

    authority: str = ""
    org_unit_id: str = ""
    sent: Counter[str] = field(default_factory=Counter)
    refused: list[RefusedError] = field(default_factory=list)
    seconds: float = 0.0
    already_there: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that was planned is in the deployment."""
        return not self.refused

    def show(self, console: Console) -> None:
        """Say it in a few lines."""
        if self.already_there:
            console.print(f"{self.authority} is here already; nothing was sent.")
            return
        counts = ", ".join(f"{what} {number:,}" for what, number in self.sent.items())
        console.print(f"{self.authority}, loaded in {self.seconds:.1f} s: {counts}.")
        if self.refused:
            console.print(f"{len(self.refused):,} requests were refused:", style="yellow")
            for refused in self.refused[:SHOWN]:
                console.print(f"  {refused}", style="yellow")
