"""Mail that leaves the assistant: its texts, and how it is sent."""
