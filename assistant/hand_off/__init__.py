"""A question that needs a person: what is asked of the candidate, what is kept, and what is mailed. No Rasa in here."""
