"""English: panels about queues, people and cases."""

PANELS: dict[str, tuple[str, str]] = {
    "age": (
        "Data age",
        (
            "Now minus the time the state is true for, of the chosen queue whose state is oldest. Never hidden. "
            "Yellow from 15 s, red from 30 s: the limits of the alert BoardStale. The other numbers vanish at 12 "
            "s."
        ),
    ),
    "waiting": ("Waiting", "Contacts in queue now, ringing ones included: the sum over the chosen queues."),
    "waiting_here": ("Waiting", "Contacts in queue now, ringing ones included."),
    "longest_wait": (
        "Longest wait",
        (
            "Now minus the earliest join of those who wait, of all chosen queues, and the queue it is in; 0 when "
            "nobody waits."
        ),
    ),
    "longest_here": ("Longest wait", "Now minus the earliest join of those who wait; 0 when nobody waits."),
    "service_level": (
        "Service level, 30 min",
        (
            "Answered within the target / (answered + abandoned + other exits - other exits within the target + "
            "still waiting past the target), last 30 minutes (variant sl_event, as on the board's own page). Sum "
            "over sum of the chosen queues, each under its own target. A dash: nothing to judge."
        ),
    ),
    "service_level_here": (
        "Service level, 30 min",
        (
            "Answered within the target / (answered + abandoned + other exits - other exits within the target + "
            "still waiting past the target), last 30 minutes (variant sl_event). A dash: nothing to judge."
        ),
    ),
    "abandoned": (
        "Abandoned, 30 min",
        (
            "Customers who gave up / all who left the queue (answered + abandoned + other exits), last 30 "
            "minutes. Sum over sum of the chosen queues. A dash: nobody left a queue. The colour is without those who "
            "gave up within the short limit of floor.toml: they count neither as lost nor as come."
        ),
    ),
    "abandoned_here": (
        "Abandoned, 30 min",
        (
            "Customers who gave up / all who left the queue (answered + abandoned + other exits), last 30 "
            "minutes. A dash: nobody left the queue. The colour is without those who gave up within the short limit of "
            "floor.toml: they count neither as lost nor as come."
        ),
    ),
    "free_agents": (
        "Agents free",
        "Agents who could take a contact now: in the state idle, or with room for one more chat. Each agent once.",
    ),
    "free_here": (
        "Agents free",
        "Agents of this queue in the state idle, or with room for one more chat. They may serve other queues, too.",
    ),
    "expected_wait": (
        "Expected wait",
        (
            "What a contact joining now will probably wait, by the length of the queue, the pace at which "
            "contacts end, and how soon customers give up. A dash: it cannot be said."
        ),
    ),
    "lost": (
        "Lost customers",
        (
            "Who gave up in the last 60 minutes and was not answered since: whom to call back. Sum over the "
            "chosen queues."
        ),
    ),
    "unanswered": (
        "Chats unanswered",
        "Chats whose customer wrote last and waits for a reply. Sum over the chosen queues.",
    ),
    "in_service": ("In service", "Contacts with an agent now."),
    "worst_queues": (
        "Worst queues: longest wait",
        "The three worst queues and their longest wait; worst is the higher severity, then the longer wait.",
    ),
    "over_limit": ("Queues over a limit", "Queues that have reached a limit of floor.toml with any of their numbers."),
    "queues": (
        "Queues, worst first",
        (
            "One line a queue, the worst first: by severity, then by the longest wait. Service level and "
            "abandonment of the last 30 minutes, as in the tiles; an empty cell: nothing to judge. Free: idle, or "
            "with room for a chat."
        ),
    ),
    "waiting_by_queue": ("Waiting, by queue", "Contacts in queue, ringing ones included."),
    "longest_wait_by_queue": ("Longest wait, by queue", "Time since the earliest join of those who wait."),
    "service_level_by_queue": (
        "Service level, 30 min, by queue",
        "Answered within the target / all of whom the service level can tell (sl_event), last 30 minutes.",
    ),
    "abandoned_by_queue": ("Abandoned, 30 min, by queue", "Customers who gave up / all who left, last 30 minutes."),
    "volume": (
        "Contacts a minute",
        (
            "Joined, answered, abandoned, left otherwise: workers' counters, as rates. For exact numbers take the "
            "windows."
        ),
    ),
    "agents_by_state": ("Agents by state", "Agents of all teams, each once, in their one state."),
    "backlog": ("Open cases", "Deferred cases (e-mail, tickets) that are not resolved, in any status."),
    "callbacks_overdue": ("Callbacks overdue", "Callbacks promised whose time was 15 minutes ago or more."),
    "firing": (
        "Floor alerts that fire",
        "Alerts for people on the floor that fire now. A click opens what the runbook says of them.",
    ),
    # --- one queue
    "windows": (
        "Windows side by side",
        (
            "The same measures over 5, 15, 30 and 60 minutes and the business day. Service level: sl_event. ASA: "
            "sum of waits / answered with a known wait. AHT: (talk, holds included, + wrap-up) / handled. An empty "
            "cell: nothing counted."
        ),
    ),
    "waiting_trend": (
        "Waiting, ringing, in service",
        "Contacts in each place, and the limits of those who wait (dashed).",
    ),
    "longest_trend": (
        "Longest wait, target and limits",
        "Time since the earliest join of those who wait; dashed the target and the limits of floor.toml.",
    ),
    "service_level_trend": (
        "Service level, 30 min, goal and limits",
        "sl_event of the last 30 minutes; dashed the goal and the limits of floor.toml.",
    ),
    "abandoned_trend": (
        "Abandoned, 30 min, and limits",
        (
            "Customers who gave up / all who left, last 30 minutes; dashed the limits of floor.toml, which are "
            "compared without those who gave up within the short limit."
        ),
    ),
    "over_target": (
        "Waiting past the target",
        (
            "Contacts waiting longer than 1, 2 and 4 times the target; each line holds the ones below. At risk: "
            "will pass the target within 10 s unless answered."
        ),
    ),
    "wait_distribution": (
        "Waits, cumulative",
        (
            "Answered and abandoned contacts of the time range that waited at most so long; each bar holds the "
            "ones above. The bounds lie on the grid of service levels, so 20 s is exact."
        ),
    ),
    "wait_percentiles": (
        "Wait until answered",
        "Half of the answered waited no longer than p50, 90 of 100 no longer than p90; estimated within a bucket.",
    ),
    "handling": (
        "Mean handling time, 30 min",
        "Talk (holds included), hold and wrap-up of contacts that ended, each divided by their number.",
    ),
    "handling_percentiles": ("Talk time", "Of contacts that ended, holds included; estimated within a bucket."),
    "first_response": (
        "Mean first response, 30 min",
        "Chats: sum of the times to the first human reply / chats that got one.",
    ),
    "first_response_p90": (
        "First response, p90",
        "Chats: 90 of 100 got their first human reply no later; estimated within a bucket.",
    ),
    "chats_waiting": (
        "Chats unanswered and missed",
        "Chats whose customer wrote last; and chats of the last 30 minutes that ended without any human reply.",
    ),
    "queue_agents": (
        "Agents who may take this queue",
        "By state. An agent stands in every queue of theirs: never add queues up.",
    ),
    "exits": (
        "Left otherwise, 30 min",
        "Contacts that left neither answered nor abandoned in the last 30 minutes, by reason.",
    ),
    "passed_on": (
        "Transfers and unanswered offers a minute",
        "Contacts handed on by their agent; offers that rang out, were rejected or met a busy agent.",
    ),
    "callbacks": ("Callbacks", "Promised for later, due by now, and of these overdue by 15 minutes."),
    "drivers": (
        "What drives the load",
        ("Volume, staff and handling time, each now / the hour before; above 1 the load rises. No line: a calm queue."),
    ),
    "outbound": ("Outbound calls", "Calls made by the centre that are open now. They stand in no other number."),
    "queue_doubts": (
        "Doubts",
        (
            "Drift: our waiting contacts less those of the source's newest list. Ghosts: wait here, missing "
            "there. Orphans: contacts of the business day that were never seen to join. No line: the source sends "
            "no list."
        ),
    ),
    # --- people
    "logged_in": ("Logged in", "Agents of the chosen teams who are not offline, each once."),
    "busy": ("Busy", "Agents with a contact, ringing ones included."),
    "wrapping_up": ("Wrapping up", "Agents in after-call work."),
    "on_break": ("On break", "Agents who are on a break."),
    "phantoms": (
        "Phantoms",
        "Agents who are logged in but gave no sign of life for more than 5 minutes: look whether they are there.",
    ),
    "teams": (
        "Teams",
        (
            "One line a team: agents by state, and occupancy of the last 30 minutes = (busy + wrap-up) / (busy + "
            "wrap-up + idle + room for chats). Ringing and breaks stand in neither."
        ),
    ),
    "team_states": ("Agents by team and state", "Agents, each once, in their one state."),
    "occupancy": (
        "Occupancy, 30 min",
        "(Busy + wrap-up) / (busy + wrap-up + idle + room for chats), in agent-seconds of the last 30 minutes.",
    ),
    "slots": ("Slots", "Contacts that agents at work may have at once: in use and free, by channel."),
    "time_spent": (
        "Agents by time spent",
        (
            "Agent-seconds a second in states that have ended, by team: a worker's counter, which moves when a "
            "state ends."
        ),
    ),
    "offers_unanswered": (
        "Offers unanswered a minute",
        "Offers that rang out, were rejected or met a busy agent, by queue.",
    ),
    "coverage": (
        "Who covers which queue",
        (
            "Agents who may take the queue, those of them free now and those at work. Fewest free first. An agent "
            "counts in several queues: never add lines up."
        ),
    ),
    # --- cases
    "cases_overdue": ("Overdue", "Open cases past the clock that runs out first."),
    "cases_due_soon": ("Due within the hour", "Open cases whose first clock runs out within the next hour."),
    "cases_unassigned": ("Without owner", "New and open cases that nobody owns."),
    "oldest_case": ("Oldest open case", "Now minus the arrival of the oldest open case."),
    "backlog_queues": ("Cases by queue", "One line a queue that has open cases; most overdue first."),
    "cases_by_status": ("Open cases by status", "New, open, pending (waiting for the customer) and on hold."),
    "cases_by_queue": ("Open cases by queue", "Cases that are not resolved, in any status."),
    "overdue_trend": ("Overdue by queue", "Open cases past the clock that runs out first."),
    "oldest_trend": ("Age of the oldest case", "Now minus the arrival of the oldest open case, by queue."),
    "clock_overdue": ("Overdue, by clock", "Open cases whose clock has run out; a case may have several clocks."),
    "clock_due_soon": ("Due within the hour, by clock", "Open cases whose clock runs out within the next hour."),
}
