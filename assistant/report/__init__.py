"""The report for HR: what candidates asked in a period, what they got, and what the assistant does not know yet."""
