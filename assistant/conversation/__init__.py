"""What a message means in its conversation: several questions in one, and what only makes sense after the last answer."""
