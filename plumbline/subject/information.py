"""What every answer says besides the records (UK GDPR article 15), and where the records end."""

from __future__ import annotations

TOPICS = (
    "Events, their log, topics, streams and archives carry ids, facts and numbers, never a name, an address, a reference or free "
    "text; and, where someone acknowledged an alert or overrode a limit, the account that did. "
    "Nothing in them is erased: once workforce no longer has the name, the ids lead to nobody."
)
ELSEWHERE = (
    "Not searched: backups (an erasure is repeated after a restore), mail that was sent, and what other systems hold: case "
    "recording, learning, human resources. Logs of the services hold no bodies, names or addresses."
)
INFORMATION = {
    "purposes": "Holding the employer to the Standards for Employers of Social Workers: supervision, workload, safety, learning, "
    "registration.",
    "source": "The employer's own systems, the person, their manager and colleagues, the register of the regulator.",
    "recipients": "People at this employer by their role and place; systems that may read the stream get ids and numbers only.",
    "retention": "Each section of an erasure says what is kept, for how long and why. Supervision files: 25 years. Incidents "
    "that the law asks to record: 3 years.",
    "automated decisions": "None. Workloads, alerts and recommendations are computed; people decide.",
    "transfers": "None by this system.",
    "rights": "To have this corrected, erased or restricted, to object, and to complain to the Information Commissioner.",
    "answer due": "Within one month of the request.",
}
READ_FIRST = (
    "Words of others were taken out by name, address and number as far as they are known; read these before you give "
    "them out."
)
