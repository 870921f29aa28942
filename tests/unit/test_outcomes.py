"""What became of a message is told apart by what was said to it, and by that alone."""

from __future__ import annotations

import pytest

from assistant.outcomes import Outcome, outcome_of, topic_of


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([{"utter_action": "utter_verlof"}], Outcome.ANSWERED),
        ([{"utter_action": "utter_terugvraag"}], Outcome.ASKED_BACK),
        ([{"utter_action": "utter_terugvraag", "gegeven": "tweede_misser"}], Outcome.CONTACT),
        ([{"utter_action": "utter_buiten_bereik"}], Outcome.REFUSED),
        ([{"utter_action": "utter_geidentificeerd"}, {"utter_action": "utter_actie_mislukt"}], Outcome.FAILED),
        ([{}], Outcome.ANSWERED),
        ([], Outcome.FAILED),
    ],
)
def test_outcome(said: list[dict[str, str]], outcome: Outcome) -> None:
    assert outcome_of(said) is outcome


def test_the_topic_is_the_one_that_was_given() -> None:
    assert topic_of({"utter_action": "utter_verlof"}) == "verlof"
    assert topic_of({"utter_action": "utter_terugvraag", "gegeven": "tweede_misser"}) == "tweede_misser"
