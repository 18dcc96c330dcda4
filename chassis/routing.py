"""Routes that declare who may call them, run in one transaction, and answer a repeated request the same way."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, TypeAlias, TypeVar

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from chassis import idempotency
from chassis.bodies import LARGE_BODY_BYTES, MAX_BODY_BYTES, bounded
from chassis.database import Database, Tx
from chassis.envelope import Cause
from chassis.keys import Keys
from chassis.permissions import Allow
from chassis.permissions import Caller as _Caller
from chassis.problems import Problem, Unauthorized
from chassis.tracing import trace_of

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[Any]])


class UndeclaredRoute(Exception):
    """A route does not say who may call it, so the service must not start."""


class UncheckedReach(Exception):
    """A route answered a scoped role without checking over whom: a fault of the route."""


@dataclass(frozen=True, eq=False)
class _Given:
    """Marks a parameter that the chassis fills from the request. As FastAPI's dependencies they would cost ten times as much."""

    of: Callable[[Request], Any]


_WRITES = _Given(lambda request: request.state.tx)
_READS = _Given(lambda request: request.state.tx)
_CALLER = _Given(lambda request: request.state.caller)
_DATABASE = _Given(lambda request: request.app.state.database)

Write: TypeAlias = Annotated[Tx, _WRITES]
"""The transaction of this request; it commits before the answer is sent."""
Read: TypeAlias = Annotated[Tx, _READS]
"""A connection to read with."""
Caller: TypeAlias = Annotated[_Caller, _CALLER]
"""Who calls, with the scope that this route gives them."""
Transactions: TypeAlias = Annotated[Database, _DATABASE]
"""For the few routes that take a body too large for one transaction and open their own."""


def _given_to(asked: inspect.Signature) -> dict[str, _Given]:
    """The parameters that the chassis fills, by name."""
    return {
        name: marker
        for name, parameter in asked.parameters.items()
        for marker in getattr(parameter.annotation, "__metadata__", ())
        if isinstance(marker, _Given)
    }


def _filled(endpoint: Callable[..., Any], asked: inspect.Signature, given: Mapping[str, _Given]) -> Callable[..., Any]:
    """The endpoint as FastAPI sees it: what the chassis gives is left out, and the request is there."""
    own = next((name for name, parameter in asked.parameters.items() if parameter.annotation is Request), None)

    @wraps(endpoint)
    async def filled(_request: Request, **sent: Any) -> Any:
        if own is not None:
            sent[own] = _request
        return await endpoint(**sent, **{name: marker.of(_request) for name, marker in given.items()})

    seen = [p.replace(kind=p.KEYWORD_ONLY) for name, p in asked.parameters.items() if name not in given and name != own]
    request = inspect.Parameter("_request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    filled.__signature__ = asked.replace(parameters=[request, *seen])  # type: ignore[attr-defined] # what FastAPI reads
    return filled


class DeclaredRoute(APIRoute):
    """A route with a permission, a transaction when it asks for one, and idempotency on POST."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        allow = getattr(endpoint, "__allow__", None)
        if not isinstance(allow, Allow):
            raise UndeclaredRoute(f"{path}: declare allow=..., so that it is clear who may call {endpoint.__name__}")
        self.allow = allow
        asked = inspect.signature(endpoint, eval_str=True)
        given = _given_to(asked)
        self.opens = next((marker for marker in given.values() if marker in (_WRITES, _READS)), None)
        self.max_body_bytes: int = getattr(endpoint, "__max_body_bytes__", MAX_BODY_BYTES)
        super().__init__(path, _filled(endpoint, asked, given), **kwargs)

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler around FastAPI's own: token, permission, transaction, idempotency."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            caller = await authenticate(request, self.allow)
            request.state.caller = caller
            if request.method != "GET":
                request = bounded(request, self.max_body_bytes)
            response = await self._in_transaction(request, answer, caller)
            if caller is not None and not caller.checked and not caller.unlimited and response.status_code < 400:
                raise UncheckedReach(f"{request.method} {self.path} answered without checking the caller's reach")
            return response

        return handle

    async def _in_transaction(self, request: Request, answer: Handler, caller: _Caller | None) -> Response:
        if self.opens is None:
            return await answer(request)
        database: Database = request.app.state.database
        cause = _cause_of(request, caller)
        if self.opens is _READS:
            async with database.reading(cause) as request.state.tx:
                return await answer(request)
        return await _write(request, answer, database, cause, caller)


async def _write(
    request: Request, answer: Handler, database: Database, cause: Cause, caller: _Caller | None
) -> Response:
    async def work(tx: Tx) -> Response:
        request.state.tx = tx
        response = await answer(request)
        _must_have_checked(request, caller)
        return response

    response = await idempotency.once(database, cause, await attempt_of(request, caller), work)
    if caller is not None and idempotency.REPLAYED in response.headers:
        caller.nothing_to_reach()
    return response


async def attempt_of(request: Request, caller: _Caller | None) -> idempotency.Attempt | None:
    """The request under its Idempotency-Key; None where it has none or keys mean nothing."""
    key = request.headers.get("idempotency-key") if request.method == "POST" and caller is not None else None
    if key is None or caller is None:
        return None
    return idempotency.Attempt(caller.subject, idempotency.checked_key(key), await _fingerprint(request))


def _must_have_checked(request: Request, caller: _Caller | None) -> None:
    """Raise inside the transaction, so that what an unchecked route wrote is rolled back."""
    if caller is not None and not caller.checked and not caller.unlimited:
        raise UncheckedReach(f"{request.method} {request.url.path} wrote without checking the caller's reach")


async def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return digest.hexdigest()


def _cause_of(request: Request, caller: _Caller | None) -> Cause:
    trace = trace_of(request.headers.get("traceparent"))
    correlation = request.headers.get("x-request-id") or trace.trace_id
    return Cause(caller.subject if caller else "anonymous", correlation[:100], traceparent=trace.header)


async def authenticate(request: Request, allow: Allow) -> _Caller | None:
    """The caller of a request, None on a public route; a Problem when the token or the role does not do."""
    if allow.public:
        return None
    headers = request.headers.getlist("authorization")
    if len(headers) != 1:
        raise Unauthorized("token-required", "Send one Authorization header with a Bearer token.")
    kind, _, token = headers[0].partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthorized("token-required", "Send one Authorization header with a Bearer token.")
    keys: Keys = request.app.state.keys
    claims = await keys.claims(token.strip())
    return _Caller.of(claims, allow.scope_for(claims.roles))


class Routes(APIRouter):
    """The routes of one service under ``/v1/<service>``, each with ``allow=``."""

    def __init__(self, service: str, *, prefix: str | None = None) -> None:
        super().__init__(
            prefix=f"/v1/{service}" if prefix is None else prefix,
            tags=[service],
            route_class=DeclaredRoute,
            generate_unique_id_function=lambda route: f"{service}_{route.name}",
        )

    def _declared(self, method: str, path: str, allow: Allow, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:
        takes_files = "requestBody" in kwargs.get("openapi_extra", ())
        most = kwargs.pop("max_body_bytes", LARGE_BODY_BYTES if takes_files else MAX_BODY_BYTES)
        extra = {
            "x-allow": {role: scope.value for role, scope in allow.scopes.items()} if not allow.public else {},
            "security": [] if allow.public else [{"bearer": []}],
            **kwargs.pop("openapi_extra", {}),
        }

        def declare(endpoint: Endpoint) -> Endpoint:
            endpoint.__allow__ = allow  # type: ignore[attr-defined] # a function carries its declaration
            endpoint.__max_body_bytes__ = most  # type: ignore[attr-defined] # the same
            self.add_api_route(path, endpoint, methods=[method], openapi_extra=extra, **kwargs)
            return endpoint

        return declare

    def get(self, path: str, *, allow: Allow, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        """Declare a read."""
        return self._declared("GET", path, allow, **kwargs)

    def post(self, path: str, *, allow: Allow, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        """Declare a command."""
        return self._declared("POST", path, allow, **kwargs)

    def put(self, path: str, *, allow: Allow, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        """Declare a command whose repetition changes nothing."""
        return self._declared("PUT", path, allow, **kwargs)

    def patch(self, path: str, *, allow: Allow, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        """Declare a change of a part."""
        return self._declared("PATCH", path, allow, **kwargs)

    def delete(self, path: str, *, allow: Allow, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        """Declare a removal."""
        return self._declared("DELETE", path, allow, **kwargs)


def problem_response(problem: Problem) -> Response:
    """The RFC 9457 answer of a problem."""
    return Response(
        json.dumps(problem.body(), default=str),
        status_code=problem.status,
        headers=problem.headers,
        media_type="application/problem+json",
    )
