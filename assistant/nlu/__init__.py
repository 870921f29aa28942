"""The assistant's own components of Rasa's NLU pipeline (config.yml)."""
