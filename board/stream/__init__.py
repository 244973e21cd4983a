"""Server-sent events: what changed, to many listeners at once, and none of them holds up another."""
