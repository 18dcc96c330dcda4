"""What the command path is measured beside: one FastAPI route, one pydantic model, one SQLAlchemy ORM insert, no checks."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.ids import new_id

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1), pool_size=8
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """The registry of the one table."""


class Session(Base):
    """A supervision session as a bare row."""

    __tablename__ = "bare_sessions"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID]
    supervisor_id: Mapped[UUID]
    held_at: Mapped[str]
    minutes: Mapped[int]
    uninterrupted: Mapped[bool]
    kind: Mapped[str]


class SessionIn(BaseModel):
    """The same body that the service takes."""

    worker_id: UUID
    supervisor_id: UUID
    held_at: datetime
    minutes: int
    uninterrupted: bool
    kind: str


class SessionOut(BaseModel):
    """The id of the row."""

    session_id: UUID


@asynccontextmanager
async def with_table(_: FastAPI) -> AsyncIterator[None]:
    """Make the table before the first request."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=with_table)


@app.post("/sessions", status_code=201)
async def post_session(body: SessionIn) -> SessionOut:
    """Insert one row."""
    row = Session(session_id=new_id(), **{**body.model_dump(), "held_at": body.held_at.isoformat()})
    async with sessions() as session:
        session.add(row)
        await session.commit()
    return SessionOut(session_id=row.session_id)
