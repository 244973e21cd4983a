"""The addresses in an alert: the queue's view at the minute it began, the runbook, how to acknowledge it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

# Longer than this, and chats cut a link in two; an id that makes it so leads to the floor's first page.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Links:
    """Where people find the board and the runbook, without a slash or an anchor at the end; "" where there is none."""

    board: str = ""
    runbook: str = ""

    def queue(self, queue: str, channel: str, at_ms: int, **more: str) -> str:
        """The view of a queue at an instant (ms UTC); "" without a board."""
        if not self.board:
            return ""
        root = self.board.rstrip("/")
        query = urlencode({"at": at_ms, **more}, errors="replace")
        address = f"{root}/queue/{_quoted(queue)}/{_quoted(channel)}?{query}"
        return address if len(address) <= MOST else f"{root}/?{query}"

    def acknowledge(self, queue: str, channel: str, at_ms: int, rule: str, severity: str) -> str:
        """The same view, with the form that acknowledges this alert opened; "" without a board."""
        return self.queue(queue, channel, at_ms, ack=f"{rule}.{severity}")

    def section(self, rule: str) -> str:
        """What the runbook says about a rule; "" without a runbook."""
        return f"{self.runbook}#{_quoted(rule.lower())}" if self.runbook else ""


def _quoted(text: str) -> str:
    """One part of a path; half characters, which no address can hold, become question marks."""
    return quote(text, safe="", errors="replace")
