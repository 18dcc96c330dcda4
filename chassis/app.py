"""The app factory: a service's declarations become an ASGI application that observes itself and answers in problems."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, Literal, TypeAlias

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis import health, openapi, telemetry, tracing
from chassis.bus import Bus
from chassis.clients import Clients, service_trust
from chassis.clock import Clock
from chassis.database import Database, StalePlan
from chassis.failures import reason_of, where
from chassis.keys import Keys
from chassis.people import People
from chassis.problems import BadRequest, FieldProblem, NotFound, Problem, RuleBroken, TooLarge, Unavailable
from chassis.routing import DeclaredRoute, problem_response
from chassis.service import Service
from chassis.settings import Settings
from chassis.tokens import TokenVerifier
from chassis.worker import Worker

Role: TypeAlias = Literal["api", "worker", "all"]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _StatusProblem(Problem):
    """A status that the framework itself answered, such as a method that a path does not take."""


def create_app(
    service: Service,
    settings: Settings,
    *,
    bus: Bus | None = None,
    clock: Clock | None = None,
    verifier: TokenVerifier | None = None,
    role: Role = "all",
) -> FastAPI:
    """The application of ``service``; its lifespan opens the database and, unless ``role`` is ``api``, runs the loops."""
    telemetry.configure(service.name, settings.log_level, settings.otel_exporter_otlp_endpoint)
    clock = clock or Clock(settings.clock_start, settings.clock_anchor)
    database = Database(settings.database_url, service.name, clock, settings.pool_size)
    worker = None if bus is None or role == "api" else Worker(service, database, bus, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        await app.state.keys.start()
        if service.on_start is not None:
            await service.on_start(app)
        if worker is not None:
            worker.start()
        try:
            yield
        finally:
            if worker is not None:
                await worker.stop()
            await app.state.clients.close()
            await app.state.keys.close()
            await database.close()

    app = FastAPI(
        title=f"Plumbline {service.name}",
        version="1",
        lifespan=lifespan,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        telemetry=_traced(service),
    )
    app.state.on_stop = []
    """Called when the process begins to stop, so that answers without an end end before they are waited for."""
    app.state.database = database
    app.state.worker = worker
    app.state.clock = clock
    app.state.settings = settings
    app.state.clients = Clients.of(settings)
    app.state.keys = Keys(settings, verifier, service_trust(settings), People(app.state.clients))
    if role != "worker":
        for routes in service.routes:
            app.router.routes += routes.routes  # as they are: an included router would match every request twice
    app.include_router(health.router)
    _answer_in_problems(app)
    openapi.describe(app)
    app.add_middleware(_Observed, service=service.name)
    return app


def _traced(service: Service) -> TelemetryConfig:
    """One span a request, where somebody collects; FastAPI's spans of single steps, its metrics and its logs stay off."""
    collected = tracing.provider(service.name)
    unused = TelemetryConfig(operation_spans=False, metrics=False, logs=False, auto_configure=False)
    return {**unused, "exclude": _of_anybody(service), "tracer_provider": collected, "tracing": collected is not None}


def _of_anybody(service: Service) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a request needs no token: nothing that ties it to a sender goes into a trace, be it an address or a query."""
    public = [
        route.path_regex
        for routes in service.routes
        for route in routes.routes
        if isinstance(route, DeclaredRoute) and route.allow.public
    ]
    watching = re.compile("/(health/|metrics$|openapi.json$)")
    return lambda scope: any(path.match(scope["path"]) for path in (watching, *public))


def _answer_in_problems(app: FastAPI) -> None:
    async def on_problem(_: Request, problem: Exception) -> Response:
        assert isinstance(problem, Problem)  # noqa: S101 - registered for this class only
        return problem_response(problem)

    async def on_invalid(_: Request, invalid: Exception) -> Response:
        assert isinstance(invalid, RequestValidationError)  # noqa: S101 - registered for this class only
        return problem_response(_as_problem(invalid))

    async def on_status(_: Request, status: Exception) -> Response:
        assert isinstance(status, HTTPException)  # noqa: S101 - registered for this class only
        return problem_response(_of_status(status))

    async def on_pool_timeout(request: Request, failure: Exception) -> Response:
        telemetry.log.warning("the database is away or busy", route=_route_of(request), reason=reason_of(failure))
        return problem_response(
            Unavailable(
                "database-unavailable", "The database does not answer. Try again shortly.", headers={"Retry-After": "2"}
            )
        )

    async def on_fault(request: Request, failure: Exception) -> Response:
        telemetry.log.error(
            "a request failed",
            route=_route_of(request),
            method=request.method,
            reason=reason_of(failure),
            where=where(failure.__traceback__),
        )
        return problem_response(
            Problem("internal-error", "Something went wrong on our side; it has been logged. Try again, then tell us.")
        )

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_status)
    for away in (PoolTimeout, psycopg.OperationalError, StalePlan):
        app.add_exception_handler(away, on_pool_timeout)
    app.add_exception_handler(psycopg.DataError, _on_data_error)
    app.add_exception_handler(Exception, on_fault)


def _route_of(request: Request) -> str:
    """The pattern of the path: the path itself may hold a reference."""
    return str(getattr(request.scope.get("route"), "path_format", "unknown"))


async def _on_data_error(_: Request, failure: Exception) -> Response:
    """A value that PostgreSQL cannot hold, such as a NUL in a text or a date out of range."""
    detail = str(failure).splitlines()[0]
    return problem_response(RuleBroken("value-not-storable", f"A value cannot be stored: {detail}. Send another."))


def _as_problem(invalid: RequestValidationError) -> Problem:
    errors = invalid.errors()
    if any(error["type"] == "json_invalid" for error in errors):
        return BadRequest("malformed-json", "The body is no well-formed JSON. Check quotes, commas and braces.")
    fields = [FieldProblem(_path(error["loc"]), error["msg"]) for error in errors]
    named = ", ".join(sorted({field.field for field in fields}))
    return RuleBroken("invalid-input", f"Correct what `errors` names: {named}.", fields=fields)


def _path(location: tuple[Any, ...]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return ".".join(parts) or str(location[0])


def _of_status(status: HTTPException) -> Problem:
    if status.status_code == 404:
        return NotFound("no-such-path", "Nothing is served here. See /openapi.json for what is.")
    if status.status_code == 413:
        return TooLarge("body-too-large", "The body is larger than this takes. Send it in parts.")
    code = {405: "method-not-allowed", 400: "bad-request"}.get(status.status_code, "request-refused")
    problem = _StatusProblem(code, str(status.detail), headers=dict(status.headers or {}))
    problem.status = status.status_code
    return problem


class _Observed:
    """Pure ASGI: counts and times requests. No access log, no addresses."""

    def __init__(self, app: Any, service: str) -> None:
        self._app = app
        self._service = service
        self._seconds = telemetry.REQUEST_SECONDS.labels(service)
        self._counters: dict[tuple[str, int], Any] = {}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 500

        async def observe(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            self._seconds.observe(perf_counter() - began)
            self._counter(scope["method"], status).inc()

    def _counter(self, method: str, status: int) -> Any:
        known = self._counters.get((method, status))
        if known is None:
            known = telemetry.REQUESTS.labels(self._service, method, str(status))
            self._counters[method, status] = known
        return known
