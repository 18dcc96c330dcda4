"""The doors of safety: requests become commands and queries, rows become answers."""

from services.safety.routes import anonymous, concerns, identities, incidents, policy, provision, visits

ROUTES = (
    anonymous.routes,
    concerns.routes,
    identities.routes,
    incidents.routes,
    visits.routes,
    provision.routes,
    policy.routes,
)
