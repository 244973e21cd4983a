import pytest

from sources.partitioner import partition_for

# murmur2 of Kafka's Java client, from its own unit test.
JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", JAVA)
@pytest.mark.parametrize("partitions", [1, 4, 7, 1000])
def test_a_key_goes_where_the_java_client_would_send_it(key: bytes, partitions: int) -> None:
    assert partition_for(key, partitions) == (JAVA[key] & 0x7FFFFFFF) % partitions
