"""What a caller may see: everything, a part of the organisation, and what concerns or falls to the caller personally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Reach:
    """``unit`` bounds the part of the organisation, ``worker`` is the caller; ``everything`` needs neither."""

    everything: bool
    unit: UUID | None
    worker: UUID | None

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of a statement that is limited to this reach."""
        return {"everything": self.everything, "reach_unit": self.unit, "reach_worker": self.worker}
