"""Every measure in words, in three languages: one formula each, its terms, what it leaves out, and its source."""
