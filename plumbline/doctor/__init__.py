"""``plumbline doctor``: looks at everything a deployment stands on, and says in sentences what is wrong and what to do next."""

from __future__ import annotations

from plumbline.doctor.visit import doctor

__all__ = ["doctor"]
