"""The one error that sources raise when a person has to do something."""


class SourceError(Exception):
    """An input or a server cannot be used; the message is one sentence that says what is wrong and what to do."""


class WrongUseError(SourceError):
    """What was asked for cannot be: an option that makes no sense, or a file that is not there."""
