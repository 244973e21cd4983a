"""The addresses the board answers at: one module per kind of answer, each with `add(app, parts)`."""
