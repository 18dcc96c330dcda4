"""The reference page: the merged OpenAPI document as plain HTML that needs no script and nothing from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from gateway.openapi import METHODS, Document
from gateway.rendering import Html, join, page, prose, render

_ORDER = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def reference(document: Document, query: str = "") -> Html:
    """The page; with a `query`, only the operations whose path, title or text contains every word of it."""
    groups = _grouped(document, query.lower().split())
    found = sum(len(operations) for operations in groups.values())
    descriptions = {tag["name"]: tag.get("description", "") for tag in document["tags"]}
    content = render(
        "reference",
        description=prose(document["info"]["description"]),
        query=query,
        found=f"{found} operations" + (f" match “{query}”." if query else "."),
        contents=join(render("reference_content", name=tag, count=len(rows)) for tag, rows in groups.items()),
        groups=join(
            render("reference_group", name=tag, description=prose(descriptions.get(tag, "")), operations=join(rows))
            for tag, rows in groups.items()
        ),
        schemas=join(_schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items())),
    )
    return page("Plumbline: reference", content)


def _grouped(document: Document, words: list[str]) -> dict[str, list[Html]]:
    groups: dict[str, list[Html]] = {}
    for path, item in document["paths"].items():
        for method in sorted(METHODS & item.keys(), key=_ORDER.index):
            operation = item[method]
            said = f"{method} {path} {operation.get('summary', '')} {operation.get('description', '')}".lower()
            if all(word in said for word in words):
                parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
                groups.setdefault(operation["tags"][0], []).append(
                    _operation(document, method, path, operation, parameters)
                )
    return dict(sorted(groups.items()))


def _operation(document: Document, method: str, path: str, operation: Document, parameters: list[Document]) -> Html:
    title, text = _said(operation)
    rows = [_parameter(_resolved(document, parameter)) for parameter in parameters]
    body = _resolved(document, operation.get("requestBody", {}))
    answers = ((status, _resolved(document, answer)) for status, answer in sorted(operation["responses"].items()))
    return render(
        "reference_operation",
        operation_id=operation["operationId"],
        method=method.upper(),
        method_class=f"method-{method}",
        path=path,
        title=prose(title),
        description=prose(text),
        access=_access(operation),
        parameters=render("reference_parameters", rows=join(rows)) if rows else Html(""),
        body=render("reference_body", contents=_contents(body)) if body else Html(""),
        answers=join(
            render(
                "reference_answer",
                status=status,
                description=prose(answer.get("description", "")),
                contents=_contents(answer),
            )
            for status, answer in answers
        ),
    )


def _access(operation: Document) -> str:
    if operation["security"] == []:
        return "Needs no token."
    scopes = operation.get("x-allow", {})
    allowed = "; ".join(f"{role} ({scope})" for role, scope in scopes.items())
    return f"Needs a token with one of the roles: {allowed}." if allowed else "Needs a token."


def _resolved(document: Document, node: Document) -> Document:
    reference = node.get("$ref", "")
    if not reference.startswith("#/"):
        return node
    found: Any = document
    for step in reference[2:].split("/"):
        found = found.get(step, {})
    return found if isinstance(found, dict) else {}


def _parameter(parameter: Document) -> Html:
    return render(
        "reference_parameter",
        name=parameter.get("name", ""),
        where=parameter.get("in", ""),
        required=", required" if parameter.get("required") else "",
        type=_type(parameter.get("schema", {})),
        description=_explained(parameter, parameter.get("schema", {})),
    )


def _contents(holder: Document) -> Html:
    pieces = (
        Html(f"{render_code(media)} {_type(content.get('schema', {}))}")
        for media, content in holder.get("content", {}).items()
    )
    return join(pieces, " or ")


def _schema(name: str, schema: Document) -> Html:
    required = set(schema.get("required", ()))
    rows = [
        render(
            "reference_property",
            name=field,
            required=Html(' <span class="note">required</span>') if field in required else "",
            type=_type(of),
            description=_explained(of),
        )
        for field, of in schema.get("properties", {}).items()
    ]
    content = render("reference_properties", name=name, rows=join(rows)) if rows else Html(f"<p>{_type(schema)}</p>")
    return render("reference_schema", name=name, description=prose(schema.get("description", "")), content=content)


def _said(operation: Document) -> tuple[str, str]:
    """The title of an operation and the rest of its text; a summary made from a function's name is no title."""
    summary, text = operation.get("summary", ""), operation.get("description", "").strip()
    if not text or not operation["operationId"].endswith(summary.lower().replace(" ", "_")):
        return summary, text
    title, _, rest = text.partition("\n")
    first, dot, more = title.partition(". ")
    return (first + dot).strip().rstrip("."), f"{more}\n{rest}".strip()


def _explained(*nodes: Document) -> Html:
    described = [node["description"] for node in nodes if node.get("description")]
    limits = [f"{word} {json.dumps(node[key])}" for node in nodes for key, word in _LIMITS.items() if key in node]
    return prose("; ".join([*described[:1], *limits]))


_LIMITS = {
    "default": "default",
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
    "minLength": "shortest",
    "maxLength": "longest",
    "minItems": "fewest",
    "maxItems": "most",
    "pattern": "pattern",
}


def render_code(text: str) -> Html:
    """A piece of text as code."""
    return render("code", text=text)


def _type(schema: Any) -> Html:
    """What a schema allows, in a few words, with links to named shapes."""
    if not isinstance(schema, dict):
        return Html("anything")
    if "$ref" in schema:
        return render("schema_link", name=schema["$ref"].rsplit("/", 1)[-1])
    for key, between in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
        if key in schema:
            return join([_type(option) for option in schema[key]], between)
    if "const" in schema:
        return render_code(json.dumps(schema["const"]))
    if "enum" in schema:
        return join([render_code(json.dumps(value)) for value in schema["enum"]], " or ")
    return _plain_type(schema)


def _plain_type(schema: Document) -> Html:
    kinds = schema.get("type", "anything")
    if kinds == "array":
        return join([Html("list of"), _type(schema.get("items", {}))], " ")
    if kinds == "object" and isinstance(schema.get("additionalProperties"), dict):
        return join([Html("map of"), _type(schema["additionalProperties"])], " ")
    named = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return render("text", text=f"{named} ({schema['format']})" if "format" in schema else named)
