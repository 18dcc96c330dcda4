"""One OpenAPI document out of many."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import httpx
import pytest
import schemathesis
from jsonschema_rs import meta
from schemathesis.core.result import Ok

from gateway.openapi import PublicOperations, merge
from gateway.tests.conftest import Served

OWN: dict[str, Any] = {"info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {}}}


def service(
    schema: dict[str, Any], *, operation: str = "get_it", extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    answer = {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Outer"}}}}
    return {
        "info": {"title": "s", "version": "1"},
        "paths": {"/v1/s/it": {"get": {"operationId": operation, "responses": {"200": answer}, **(extra or {})}}},
        "components": {
            "schemas": {
                "Outer": {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Inner"}}},
                "Inner": schema,
            }
        },
    }


def at(path: str, document: dict[str, Any]) -> dict[str, Any]:
    moved = deepcopy(document)
    moved["paths"] = {path: next(iter(document["paths"].values()))}
    return moved


def test_equal_shapes_are_kept_once() -> None:
    one, two = at("/v1/one", service({"type": "string"})), at("/v1/two", service({"type": "string"}))
    assert set(merge({"one": one, "two": two}, OWN)["components"]["schemas"]) == {"Outer", "Inner"}


def test_a_shape_that_differs_is_renamed_with_everything_that_refers_to_it() -> None:
    one, two = at("/v1/one", service({"type": "string"})), at("/v1/two", service({"type": "number"}))
    merged = merge({"one": one, "two": two}, OWN)
    schemas = merged["components"]["schemas"]
    assert set(schemas) == {"Outer", "Inner", "TwoOuter", "TwoInner"}
    assert schemas["TwoOuter"]["properties"]["inner"] == {"$ref": "#/components/schemas/TwoInner"}
    answer = merged["paths"]["/v1/two"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/TwoOuter"}
    assert schemas["TwoInner"] == {"type": "number"}


def test_operation_ids_are_unique_and_stay_when_they_are() -> None:
    documents = {name: at(f"/v1/{name}", service({}, operation="get_it")) for name in ("a", "b", "c")}
    paths = merge(documents, OWN)["paths"]
    assert [paths[f"/v1/{name}"]["get"]["operationId"] for name in "abc"] == ["get_it", "b_get_it", "c_get_it"]


def test_security_is_said_for_each_operation() -> None:
    public = at("/v1/public", service({}, extra={"security": []}))
    closed = at("/v1/closed", service({}))
    paths = merge({"public": public, "closed": closed}, OWN)["paths"]
    assert paths["/v1/public"]["get"]["security"] == []
    assert paths["/v1/closed"]["get"]["security"] == [{"bearer": []}]
    assert "401" in paths["/v1/closed"]["get"]["responses"]


def test_merging_leaves_the_services_documents_alone() -> None:
    document = service({"type": "string"})
    before = deepcopy(document)
    merge({"one": document, "two": service({"type": "number"})}, OWN)
    assert document == before


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", b"/v1/s/reports/a1", True),
        ("GET", b"/v1/s/reports/a1", False),
        ("POST", b"/v1/s/reports/a1/b", False),
        ("POST", b"/v1/s/reports/", False),
        ("POST", b"/v1/sXreports/a1", False),
    ],
)
def test_a_public_operation_is_exactly_its_method_and_path(method: str, path: bytes, allowed: bool) -> None:
    operation: dict[str, Any] = {"responses": {}, "security": []}
    public = PublicOperations({"paths": {"/v1/s/reports/{id}": {"post": operation, "get": {"responses": {}}}}})
    assert public.allow(method, path) is allowed


def test_a_document_that_is_open_by_default_opens_what_does_not_close_itself() -> None:
    closed: dict[str, Any] = {"responses": {}, "security": [{"bearer": []}]}
    public = PublicOperations({"security": [], "paths": {"/a": {"get": {"responses": {}}, "post": closed}}})
    assert public.allow("GET", b"/a")
    assert not public.allow("POST", b"/a")


def test_the_merged_document_is_served_and_valid(gateway: Served) -> None:
    document = httpx.get(gateway.url + "/openapi.json").json()
    assert {"/v1/events", "/health/ready", "/v1/allocation/workload", "/v1/accountability/workload"} <= set(
        document["paths"]
    )
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "/auth/demo/tokens" not in document["paths"]
    schema = schemathesis.openapi.from_dict(document)
    schema.validate()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids)) > 5
    for shape in document["components"]["schemas"].values():
        assert meta.is_valid(shape)


def test_every_operation_says_whether_it_needs_a_token_and_the_gateway_agrees(gateway: Served) -> None:
    document = httpx.get(gateway.url + "/openapi.json").json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answer = httpx.request(method, gateway.url + path.replace("{kind}", "x"))
            assert (answer.status_code == 401) is (operation["security"] != []), (method, path)
