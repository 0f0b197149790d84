"""The request half of the room: clock, search, review, redaction."""
