"""What a person is told when something cannot be done: one line, no traceback, an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from aiokafka.errors import KafkaError

from kpi.floor import FloorError
from sources.errors import SourceError, WrongUseError

#: Something outside did not work: a file's content, a server, a process.
FAILED = 1
#: The command was asked for something that cannot be: a wrong option or a missing file.
WRONG_USE = 2


class UserError(Exception):
    """An error for people. `message` is one sentence; `exit_code` is what the command ends with."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        self.message = " ".join(message.split())
        self.exit_code = exit_code
        super().__init__(self.message)


@contextmanager
def for_people() -> Iterator[None]:
    """Turn the errors of files, configuration, Kafka and Redis into a UserError; programming errors pass through."""
    try:
        yield
    except WrongUseError as error:
        raise UserError(str(error), WRONG_USE) from error
    except (SourceError, FloorError) as error:
        raise UserError(str(error)) from error
    except redis.AuthenticationError as error:
        raise UserError(f"Redis refused the password ({error}); see FLOORPULSE_REDIS_PASSWORD") from error
    except (redis.ConnectionError, redis.TimeoutError) as error:
        todo = "start it, or set FLOORPULSE_REDIS to redis://HOST:PORT/0"
        raise UserError(f"Redis is not reachable ({error}); {todo}") from error
    except redis.RedisError as error:
        raise UserError(f"Redis refused a command: {error}") from error
    except KafkaError as error:
        raise UserError(f"Kafka failed: {type(error).__name__}: {error}") from error
