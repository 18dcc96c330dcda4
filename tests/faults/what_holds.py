"""The invariants by their numbers, each in a sentence."""

WHAT_HOLDS = {
    "I1": "a state change and its event exist together or not at all",
    "I2": "what was acknowledged is never lost, what was refused is never present",
    "I3": "ids in the outbox, on the topic and in each inbox are the same once it is quiet",
    "I4": "nothing is on a topic or in the log that no outbox committed",
    "I5": "the events of a key come in order, without a gap",
    "I6": "a projection is the fold of the log",
    "I7": "stored offsets never go back",
    "I8": "one event has one payload everywhere",
    "I9": "one idempotency key has at most one effect, and the same answer again",
    "I10": "one relay is active, by the clock of the database",
    "I11": "a record is parked, buried or applied, and nothing of a parked key is applied",
    "I12": "a stream shows every position once and in order, across reconnects",
    "I14": "lag and the age of the outbox return to zero before a deadline",
    "I15": "memory, descriptors, connections and idle transactions stay bounded",
    "I16": "a process that is asked to leave under load leaves by itself, in time, and nothing is lost",
    "I17": "a route lets in whom it names and nobody else, and nobody beyond their part of the organisation",
    "I18": "of whoever reports without a name nothing is found anywhere",
    "I19": "no published number is under the limit, and none can be worked out",
    "I20": "the log is as it was written",
}
