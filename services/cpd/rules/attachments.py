"""What a file really is, by its content: evidence of learning is kept only in kinds that can do no harm (clause 6.1)."""

from __future__ import annotations

import io
import zipfile

KINDS = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint presentation",
    "text/plain": "plain text in UTF-8",
}
_BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_MOST_PARTS = 10_000


def content_type_of(content: bytes) -> str | None:
    """The media type of a file by its content; None when it is none of the kinds that are kept."""
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    return _office(content) if content.startswith(b"PK\x03\x04") else _text(content)


def _office(content: bytes) -> str | None:
    """A document of an office suite without macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist()[:_MOST_PARTS])
    except (zipfile.BadZipFile, RuntimeError, ValueError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((kind for part, kind in _OFFICE.items() if part in names), None)


def _text(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    looks_like_markup = text.lstrip("\ufeff \t\r\n").startswith("<")
    plain = all(letter.isprintable() or letter in "\t\r\n\ufeff" for letter in text)
    return "text/plain" if text and plain and not looks_like_markup else None
