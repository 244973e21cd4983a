"""What happens to contacts beside their wait: how they join, move on, end, and how long an agent has with them."""

from collections.abc import Sequence

from kpi.groups import Group
from kpi.ordered import Ordered
from kpi.ratios import Measures, distribution_of, mean_of, ratio, seconds
from kpi.tally import Reading, Tally


def flow_measures(total: Tally) -> Measures:
    """How legs came and went: first legs, joins by reason, transfers by kind, refused entries, share that got through.

    transfer_rate  transfers out / answered (seed: transferred calls / all connected calls)
    access_rate    A / Q, as if nobody waited
    orphans        legs that began without a `queued`
    """
    read = total.reading
    return {
        "contacts": read.number("contacts"),
        "joined": read.names("join"),
        "transfers_in": read.names("transfer_in"),
        "transfers_out": read.names("transfer_out"),
        "transfer_rate": ratio(total.transfers, total.answered),
        "orphans": read.number("orphan"),
        "blocked": read.names("blocked"),
        "access_rate": ratio(total.answered, total.decided),
    }


def service_measures(total: Tally, groups: Sequence[Group], talk: Ordered) -> Measures:
    """How conversations ended and what they took; short and long ones by each queue's own limit.

    handle_seconds  talk + wrap-up of the legs whose talk is known (talk includes hold): mean is the AHT
    `talk` are the talks of `total`, in order.
    """
    read = total.reading
    talks = [talk if len(groups) == 1 else Ordered(group.tally.talk_histogram) for group in groups]
    each = list(zip(groups, talks, strict=True))
    return {
        "ended_by": read.names("ended_by"),
        "hold_abandoned": read.number("hold_abandoned"),
        "short_calls": sum(one.within(group.short_call_seconds) for group, one in each),
        "long_contacts": sum(one.count - one.within(group.long_seconds) for group, one in each),
        "wrapup_seconds": distribution_of(read.lengths.get("wrapup"), read.number("wrapup_ms")),
        "handle_seconds": mean_of(talk.count, read.talk_ms + read.number("wrapup_ms")),
    }


def outbound_measures(read: Reading) -> Measures:
    """Calls that the centre made; they stand apart and are in no other figure."""
    return {
        "attempted": read.number("out_attempted"),
        "answered": read.number("out_answered"),
        "ended": read.number("out_ended"),
        "talk_seconds": seconds(read.number("out_talk_ms")),
    }


def callback_measures(read: Reading) -> Measures:
    """Callbacks: asked for, tried, reached and given up."""
    return {name: read.number(f"callback_{name}") for name in ("requested", "attempted", "reached", "failed")}
