"""What a process counts while it works, for Prometheus; docs/monitoring.md says what each tells.

Labels come from closed sets of our own words: nothing that a person typed, and nothing that names anybody.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Histogram, disable_created_metrics

from assistant.outcomes import Outcome

# Without the instant at which each counter began, which would double the page.
disable_created_metrics()  # type: ignore[no-untyped-call] # prometheus_client

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

CONVERSATIONS = Counter("assistant_conversations", "Conversations that began.")
MESSAGES = Counter("assistant_messages", "Questions and answers of candidates, by what they got.", ["outcome"])
MESSAGE_SECONDS = Histogram(
    "assistant_message_seconds", "From a message until its answer, where it got one.", buckets=SECONDS
)
ERRORS = Counter("assistant_errors", "Requests that got an error of the chat API.", ["status", "code"])
CODE_REQUESTS = Counter("assistant_code_requests", "Codes that were asked for.", ["result"])
CODES_ENTERED = Counter("assistant_codes_entered", "Codes that were typed; right ones are identifications.", ["result"])
HAND_OFFS = Counter("assistant_hand_offs", "Questions to pass on.", ["result"])
HR_ERRORS = Counter("assistant_hr_errors", "Reads of the HR backend that failed for good.", ["kind"])
ACTION_FAILURES = Counter("assistant_action_failures", "Actions that broke off; the candidate read an apology.")
MAILS = Counter("assistant_mails", "Tries to send a mail of the outbox.", ["result"])

_LABELS: dict[Counter, Iterable[str]] = {
    MESSAGES: [outcome.value for outcome in Outcome],
    CODE_REQUESTS: ["sent", "too_many", "hr_error", "mail_error"],
    CODES_ENTERED: ["right", "wrong", "expired", "spent", "none"],
    HAND_OFFS: ["passed_on", "already", "too_many", "failed"],
    HR_ERRORS: ["unavailable", "timed_out", "refused", "malformed"],
    MAILS: ["sent", "again", "failed"],
}
for _counter, _values in _LABELS.items():
    for _value in _values:
        _counter.labels(_value)  # there from the start, at 0: a rise from nothing would go unseen
