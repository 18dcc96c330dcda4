"""The doors of cpd."""

from __future__ import annotations

from services.cpd.routes import (
    assessed_years,
    attachments,
    attestations,
    career,
    imports,
    learning,
    programmes,
    time,
    training,
)

ROUTES = (
    learning.routes,
    attachments.routes,
    training.routes,
    time.routes,
    assessed_years.routes,
    programmes.routes,
    career.routes,
    attestations.routes,
    imports.routes,
)
