"""No key, token or password is in the tree or anywhere in its history."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.tally import Tally

ROOT = Path(__file__).parent.parent.parent
KINDS: dict[str, str] = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=]{20}",
    "a private JSON web key": r'"d"\s*:\s*"[A-Za-z0-9_-]{40,}"',
    "a signed token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    "a key of a cloud": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{35}\b",
    "a token of a forge": r"\b(?:gh[opsur]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[A-Za-z0-9_-]{20})\b",
    "a token of a registry": r"\bpypi-[A-Za-z0-9_-]{50,}|\bnpm_[A-Za-z0-9]{36}\b",
    "a token of a messenger": r"\bxox[abprs]-[A-Za-z0-9-]{20,}|https://hooks\.slack\.com/services/T\w+",
    "a key of a payment service": r"\b[rs]k_live_[A-Za-z0-9]{20,}",
    "a password in an address": r"\b[a-z][a-z0-9+]{2,}://[^\s:/@'\"{}$<>]+:[^\s:/@'\"{}$<>%]{6,}@[\w.-]+\.[a-z]{2,}",
    "a bearer token": r"\b[Aa]uthorization\b\W{1,4}[Bb]earer\s+[A-Za-z0-9_.-]{40,}",
}
PATTERN = re.compile("|".join(f"(?P<kind{number}>{pattern})" for number, pattern in enumerate(KINDS.values())))
MADE_UP = re.compile(r"example|invalid|dummy|changeme|made-up|PRIVATE KEY-----\\s", re.IGNORECASE)
BINARY = (".png", ".ico", ".woff2", ".whl", ".gz")


def secrets_in(text: str) -> list[str]:
    """What looks like a secret in a text, with its kind and the beginning of it."""
    found = []
    for match in PATTERN.finditer(text):
        if not MADE_UP.search(match.group()):
            kind = list(KINDS)[int((match.lastgroup or "kind0").removeprefix("kind"))]
            found.append(f"{kind}: {match.group()[:24]}...")
    return found


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def files() -> Iterator[Path]:
    for name in git("ls-files", "-z").split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in BINARY:
            yield path


def test_no_secret_is_in_the_tree(tally: Tally) -> None:
    texts = {path: path.read_text(errors="replace") for path in files()}
    found = [f"{path.relative_to(ROOT)}: {secret}" for path, text in texts.items() for secret in secrets_in(text)]
    tally.add("files searched for secrets", len(texts), not found)
    assert not found, "\n".join(found)


def test_no_secret_was_ever_committed(tally: Tally) -> None:
    """Every line that a commit ever added: what was taken out again is still in the history."""
    history = git("log", "--all", "--no-color", "--unified=0", "--no-ext-diff", "--patch", "--format=commit %h")
    added = [line[1:] for line in history.splitlines() if line.startswith("+")]
    found = secrets_in("\n".join(added))
    tally.add("lines of the history searched for secrets", len(added), not found)
    assert not found, "\n".join(sorted(set(found)))


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEAzx" * 3,
        '{"kty": "EC", "d": "' + "k" * 43 + '"}',
        "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 30,
        "AKIA" + "Z" * 16,
        "ghp_" + "a" * 36,
        "pypi-" + "A" * 60,
        "postgresql://plumbline:" + "hunter22" + "@db.internal.org/x",
        "Authorization: Bearer " + "a" * 50,
    ],
)
def test_a_secret_is_noticed(text: str) -> None:
    assert secrets_in(text)
