"""The doors of feedback: requests become commands and queries, rows become answers."""

from services.feedback.routes import actions, answering, campaigns, forms, published, questionnaires, results

ROUTES = (
    questionnaires.routes,
    campaigns.routes,
    answering.routes,
    forms.routes,
    results.routes,
    actions.routes,
    published.routes,
)
