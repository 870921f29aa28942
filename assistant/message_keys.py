"""The names under which the channel, the dialogue and the actions find things in a message."""

from __future__ import annotations

ANSWER = "antwoord"  # the entity that holds the answer to a question of ours, and how the intents of answers begin
AWAITS = "wacht_op"  # in a message's metadata: what the assistant waits for, when this was not it
CLIENT = "client"  # the same: a keyed hash of where the message came from
TOPIC = "onderwerp"  # the same: what an answer in a person's own words is about
TYPED = "typed"  # the same: what the candidate sees as their own message
VALUES = "waarden"  # what an action passes for its response to name
PART = "deel"  # in the metadata of a message: a further question of the message before, which shows all of them
PERSONAL = "dossier"  # in the metadata of what the assistant said: it comes from the file of who was identified
GAVE = "gegeven"  # in the same metadata: the topic that was given in the place of the one that `SAID` names
SAID = "utter_action"  # Rasa's own word, in the metadata of what the assistant said, for the response that it is
SEVERAL = "meer_vragen"  # in the metadata of a message: one of several questions of a message
