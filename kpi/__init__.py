"""The pure core: what happened in the contact centre, and what it means. No I/O, no clock, no framework."""
