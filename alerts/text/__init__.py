"""An alert in words: the message, its parts, its links, and what Alertmanager puts around it."""
