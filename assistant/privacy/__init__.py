"""What is kept about a conversation, for how long, and how it is removed. No Rasa in here."""
