"""The custom actions that Rasa calls on the action server."""
