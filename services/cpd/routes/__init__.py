"""The doors of cpd."""

from __future__ import annotations

from services.cpd.routes import learning, time, training

ROUTES = (learning.routes, training.routes, time.routes)
