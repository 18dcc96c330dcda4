"""The doors of registration: requests become commands and queries, rows become answers."""

from services.registration.routes import checks, entries, policy, referrals, renewals

ROUTES = (entries.routes, checks.routes, renewals.routes, policy.routes, referrals.routes)
