"""The candidate assistant of the City of Kortrijk: everything beside Rasa's own files and the custom actions."""
