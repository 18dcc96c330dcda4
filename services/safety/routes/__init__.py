"""The doors of safety: requests become commands and queries, rows become answers."""

from services.safety.routes import anonymous, concerns, identities, policy

ROUTES = (anonymous.routes, concerns.routes, identities.routes, policy.routes)
