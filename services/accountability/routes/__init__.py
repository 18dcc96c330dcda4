"""The doors of accountability."""

from services.accountability.routes import alerts, line, log, measures, stream

ROUTES = (alerts.routes, measures.routes, line.routes, log.routes, stream.routes)
