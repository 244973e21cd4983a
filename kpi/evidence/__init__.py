"""The contacts behind a number: what each counted in a window, so that the sum over all is the number. Pure."""
