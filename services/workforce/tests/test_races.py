"""Two people change the same things at the same moment; each for real, in transactions of their own."""

from __future__ import annotations

import asyncio

from services.workforce.tests.builders import Authority


async def test_of_two_who_record_one_reference_at_once_one_is_told(authority: Authority) -> None:
    body = authority.body()
    answers = await asyncio.gather(
        *(authority.client.post("/v1/workforce/workers", json=body, headers=authority.headers) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_two_changes_at_once_cannot_make_two_workers_manage_each_other(authority: Authority) -> None:
    for _ in range(5):
        one, other = await authority.worker(), await authority.worker()
        answers = await asyncio.gather(
            *(
                authority.client.patch(
                    f"/v1/workforce/workers/{worker}",
                    json={"line_manager_id": manager},
                    headers={**authority.headers, "If-Match": '"1"'},
                )
                for worker, manager in ((one, other), (other, one))
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_of_two_changes_from_one_version_one_is_told_that_it_is_stale(authority: Authority) -> None:
    worker = await authority.worker()
    answers = await asyncio.gather(
        *(
            authority.client.patch(
                f"/v1/workforce/workers/{worker}",
                json={"job_role": role},
                headers={**authority.headers, "If-Match": '"1"'},
            )
            for role in ("lead", "deputy", "consultant")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
