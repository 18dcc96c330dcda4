"""The doors of cpd."""

from __future__ import annotations

from services.cpd.routes import assessed_years, learning, programmes, time, training

ROUTES = (learning.routes, training.routes, time.routes, assessed_years.routes, programmes.routes)
