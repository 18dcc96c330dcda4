"""A small identity provider for tests: a key set at an address, keys that rotate, and tokens as large providers write them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey


class Provider:
    """Signs with the newest of its keys, and publishes all that it has not withdrawn."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: list[RSAKey] = []
        self.fetches = 0
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.keys.append(RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True))

    def withdraw_old_keys(self) -> None:
        """Publish the newest key alone."""
        del self.keys[:-1]

    def jwks(self) -> str:
        """The published key set; like Keycloak's it has a key for encryption too, and like others' one of a new kind."""
        published = [key.as_dict(private=False) for key in self.keys]
        encrypting = {**published[0], "kid": "enc", "use": "enc", "alg": "RSA-OAEP"}
        return json.dumps({"keys": [encrypting, {"kty": "AKP", "kid": "new", "alg": "ML-DSA-65"}, *published]})

    def token(self, *groups: str, **claims: Any) -> str:
        """An access token of someone in these groups."""
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": "plumbline",
            "sub": str(uuid.uuid4()),
            "exp": now + 300,
            "iat": now,
            "jti": str(uuid.uuid4()),
            "typ": "Bearer",
            "azp": "plumbline-gateway",
            "groups": list(groups),
            **claims,
        }
        return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": self.keys[-1].kid}, said, self.keys[-1])


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider whose key set can be fetched."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.fetches += 1
            body = provider.jwks().encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
