"""The board as a web application: its addresses, what they are asked with, and the shape of the answers."""
