"""A candidate's own file: how it is read, and what follows from it. No Rasa in here."""
