"""What safety says of a case stands in the preview as a plain note, without the story."""

from __future__ import annotations

from contracts.allocation import CaseReceivedV1
from contracts.safety import CaseMarkedV1
from services.allocation.tests.office import Office


async def test_a_preview_says_to_ask_safety_before_a_visit_for_as_long_as_there_is_something_to_ask(
    office: Office,
) -> None:
    await office.agree()
    worker, case = await office.hire(), await office.case()
    other = await office.case()
    *_, key, _ = [told.case_key for told in await office.told() if isinstance(told, CaseReceivedV1)]
    offer = {"worker_id": str(worker)}
    await office.hear(CaseMarkedV1(case_key=key, marked=True))
    assert (await office.post(f"{case}/preview", offer, office.boss, 200))["notes"] == ["safety-incident"]
    assert (await office.post(f"{other}/preview", offer, office.boss, 200))["notes"] == []
    await office.hear(CaseMarkedV1(case_key=key, marked=False))
    assert (await office.post(f"{case}/preview", offer, office.boss, 200))["notes"] == []
