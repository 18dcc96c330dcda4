"""The doors of accountability."""

from services.accountability.routes import alerts, line, log, measures, notifications, stream

ROUTES = (alerts.routes, measures.routes, line.routes, notifications.routes, log.routes, stream.routes)
