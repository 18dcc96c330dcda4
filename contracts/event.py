"""What every published event is: an immutable fact with a type, a subject and plain data, and no personal data."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """A fact that one service publishes and others may rely on.

    ``TYPE`` reads ``<service>.<thing>.<past>.v<n>``; ``SUBJECT`` names the field whose value is the CloudEvents subject and the
    key of the record, so that facts about one subject keep their order. Unknown fields are ignored: adding an optional field
    keeps the version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[str]

    @property
    def subject(self) -> str:
        """The id of what this fact is about."""
        return str(getattr(self, self.SUBJECT))

    @classmethod
    def service(cls) -> str:
        """The service that publishes this type: the first part of its name."""
        return cls.TYPE.split(".", 1)[0]
