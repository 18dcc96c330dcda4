"""Attachments: what is kept, where, and what is not."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cpd.commands.attachment_store import SETTLED_AFTER_S
from services.cpd.rules.attachments import KINDS, content_type_of
from services.cpd.tests.world import World, problem

PDF = b"%PDF-1.7\n1 0 obj\n"


def archive(names: Iterable[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(PDF, "PDF", id="a PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n....", "PNG", id="a PNG"),
        pytest.param(b"\xff\xd8\xff\xe0....", "JPEG", id="a JPEG"),
        pytest.param(archive(["[Content_Types].xml", "word/document.xml"]), "Word document", id="a Word document"),
        pytest.param(b"Gelernt: viel.\n", "plain text in UTF-8", id="plain text"),
        pytest.param(archive(["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"]), None, id="macros"),
        pytest.param(archive(["readme.txt"]), None, id="any other archive"),
        pytest.param(b"PK\x03\x04broken", None, id="a broken archive"),
        pytest.param(b"<html><script>", None, id="a page"),
        pytest.param(b"\xef\xbb\xbf <svg onload=x>", None, id="a page behind a byte order mark"),
        pytest.param(b"MZ\x90\x00", None, id="a program"),
        pytest.param(b"text\x00more", None, id="text with a NUL"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, kind: str | None) -> None:
    found = content_type_of(content)
    assert (KINDS[found] if found else None) == kind


@given(st.binary(max_size=200))
def test_whatever_is_sent_has_a_kind_or_none(content: bytes) -> None:
    assert content_type_of(content) in {None, *KINDS}


async def attached(world: World, learning_id: str, content: bytes = PDF, kind: str = "application/pdf") -> object:
    path = f"/attachments?learning_id={learning_id}&file_name=certificate.pdf"
    answer = await world.call("POST", path, content=content, headers={"Content-Type": kind})
    return answer.json() if answer.status_code == 201 else problem(answer)


async def test_a_file_is_kept_outside_the_database_under_a_random_name(world: World) -> None:
    worker = await world.worker()
    learning_id = (await world.learn(worker))["learning_id"]
    made = await attached(world, learning_id)
    assert isinstance(made, dict)
    (file,) = world.folder.iterdir()
    assert (file.read_bytes(), len(file.name), "certificate" in file.name) == (PDF, 64, False)
    assert file.stat().st_mode & 0o777 == 0o600
    got = await world.call("GET", f"/attachments/{made['attachment_id']}", world.as_worker(worker))
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment")
    listed = await world.done("GET", f"/learning/{learning_id}")
    assert [one["file_name"] for one in listed["attachments"]] == ["certificate.pdf"]
    colleague = await world.worker()
    seen = await world.call("GET", f"/attachments/{made['attachment_id']}", world.as_worker(colleague))
    assert problem(seen) == (403, "outside-reach")


async def test_a_file_that_is_too_large_or_not_what_it_says_is_refused_and_leaves_nothing(world: World) -> None:
    learning_id = (await world.learn(await world.worker()))["learning_id"]
    assert await attached(world, learning_id, kind="image/png") == (422, "file-kind-differs")
    assert await attached(world, learning_id, b"MZ\x90\x00") == (422, "file-kind-not-kept")
    large = PDF + b"x" * (5 * 1024 * 1024)
    assert await attached(world, learning_id, large) == (413, "attachment-too-large")
    assert not world.folder.exists()


async def test_a_file_goes_with_its_attachment_and_one_without_a_row_does_not_stay(world: World) -> None:
    learning_id = (await world.learn(await world.worker()))["learning_id"]
    gone, kept = await attached(world, learning_id), await attached(world, learning_id)
    assert isinstance(gone, dict)
    assert isinstance(kept, dict)
    await world.done("DELETE", f"/attachments/{gone['attachment_id']}", expect=204)
    await world.scan()
    assert len(files(world)) == 2, "young files are left alone"
    for file in world.folder.iterdir():
        os.utime(file, (file.stat().st_atime, file.stat().st_mtime - SETTLED_AFTER_S - 60))
    await world.scan()
    assert len(files(world)) == 1
    assert (await world.call("GET", f"/attachments/{kept['attachment_id']}")).status_code == 200


def files(world: World) -> list[str]:
    return [file.name for file in world.folder.iterdir() if file.name != ".clock"]
