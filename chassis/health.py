"""Whether a service is well: alive means its loops make progress, ready means its database answers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client import generate_latest
from starlette.responses import JSONResponse, Response

from chassis import telemetry
from chassis.database import Database
from chassis.failures import reason_of
from chassis.worker import Worker

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def live(request: Request) -> Response:
    """200 while every loop makes progress, 503 with the stalled ones named."""
    worker: Worker | None = request.app.state.worker
    stalled = worker.stalled() if worker else []
    return JSONResponse({"alive": not stalled, "stalled": stalled}, 503 if stalled else 200)


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when the database answers, else 503."""
    database: Database = request.app.state.database
    try:
        async with database.reading() as tx:
            await tx.fetch_value("select 1")
    except Exception as failure:
        telemetry.log.warning("not ready", service=database.service, reason=reason_of(failure))
        return JSONResponse({"ready": False, "reason": "the database does not answer"}, 503)
    return JSONResponse({"ready": True})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Metrics in the Prometheus text format."""
    database: Database = request.app.state.database
    telemetry.WAITING.labels(database.service).set(database.waiting)
    return Response(generate_latest(telemetry.REGISTRY), media_type="text/plain; version=0.0.4")
