"""The custom actions that Rasa calls on the action server: thin, over the core in `assistant/`."""
