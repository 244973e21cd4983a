"""Who may come in: tokens, sessions, proxies, host names, limits, and the headers that every answer carries."""
