"""Which alerts would have fired: a history through the board's view, the rulebook and the policy, second by second.

`spool` puts a history in order of time, `sources` fills it from files and `log` from Kafka. `runner` goes over it tick
by tick; `watched` is one queue there, `judge` what its limits look at, `rest` and `hours` when they must look again.
`outcome` says what came of it, `comparison` how two outcomes differ, `table` and `as_json` write them down. `notes` has
what people should know beside.
"""
