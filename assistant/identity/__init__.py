"""Who is asking: the one-time code by e-mail, and the identity that it proves. No Rasa in here."""
