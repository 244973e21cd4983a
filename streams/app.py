"""The Faust app and its topics, nothing else. Faust keeps no truth here: no tables, no windows, no web server."""

from collections.abc import Mapping
from typing import Any, cast

import faust
from faust.types import TP

from kpi.keys import BASE_TOPICS, topic_name
from streams.transport import AsIs, ChunkConsumer, ChunkTransport, Resume


class App(faust.App):
    """A Faust app that delivers chunks; `resume` answers where each partition continues."""

    resume: Resume

    def _new_transport(self) -> Any:
        return ChunkTransport(self.conf.broker_consumer, self)

    @property
    def chunk_consumer(self) -> ChunkConsumer:
        """The consumer, as the subclass it is."""
        return cast(ChunkConsumer, self.consumer)


async def _from_the_beginning(tps: set[TP]) -> Mapping[TP, int | None]:
    return dict.fromkeys(tps, None)


def make_app(
    ns: str,
    kafka: str,
    datadir: str,
    *,
    chunk_records: int = 2000,
    session_timeout: float = 10.0,
    credentials: Any = None,
) -> App:
    """The app of one namespace. `kafka`: HOST:PORT[,HOST:PORT]; `session_timeout` in seconds.

    `datadir`: a folder Faust insists on; nothing of ours is in it.
    """
    app = App(
        f"floorpulse-{ns}",
        broker=[f"kafka://{server}" for server in kafka.split(",")],
        broker_credentials=credentials,
        autodiscover=False,
        store="memory://",
        datadir=datadir,
        web_enabled=False,
        worker_redirect_stdouts=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        reply_create_topic=False,
        table_standby_replicas=0,
        stream_wait_empty=False,
        # Counted in chunks: a longer buffer gains nothing, and a rewind would throw it away.
        stream_buffer_maxsize=8,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=chunk_records,
        broker_session_timeout=session_timeout,
        broker_heartbeat_interval=min(3.0, session_timeout / 3),
        broker_rebalance_timeout=max(session_timeout, 10.0),
        broker_max_poll_interval=300.0,
        broker_commit_interval=2.0,
        consumer_max_fetch_size=1024**2,
        producer_linger=0.0,
    )
    app.resume = _from_the_beginning
    return app


def all_events(app: App, ns: str) -> Any:
    """One channel over all topics a worker reads; its values are chunks, each of one partition."""
    return app.topic(*(topic_name(ns, base) for base in BASE_TOPICS), value_serializer=AsIs(), key_serializer="raw")
