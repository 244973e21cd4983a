"""Which partition a key belongs to: the same answer as the default partitioner of Kafka's Java client.

So other producers (Kafka Connect, a Java service) may write to the same topics, and a contact stays in one partition.
"""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=1 << 16)
def partition_for(key: bytes, partitions: int) -> int:
    """The partition (0 .. partitions - 1) of a record key: murmur2, sign bit cleared, modulo."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
