"""The doors of accountability."""

from services.accountability.routes.alerts import routes as alerts
from services.accountability.routes.line import routes as line
from services.accountability.routes.log import routes as log
from services.accountability.routes.measures import routes as measures
from services.accountability.routes.stream import routes as stream

ROUTES = (alerts, measures, line, log, stream)
