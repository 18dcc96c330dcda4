"""The registers that this deployment can ask; another one is plugged in here (clause 7.1)."""

from __future__ import annotations

from collections.abc import Mapping

from services.registration.rules.social_work_england import SocialWorkEngland
from services.registration.rules.sources import RegisterSource

_REGISTERS: tuple[RegisterSource, ...] = (SocialWorkEngland(),)
REGISTERS: Mapping[str, RegisterSource] = {register.name: register for register in _REGISTERS}
"""Each register by its name."""
