"""The published language as files: JSON Schemas, examples, AsyncAPI and OpenAPI, generated from the code that speaks it."""
