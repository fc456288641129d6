import socket
from collections.abc import Iterator

import pytest

from deploy.local import ports
from deploy.local.plan import HOST
from deploy.local.ports import PortInUse


@pytest.fixture
def taken() -> Iterator[int]:
    """Give a port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_is_refused_with_the_command_for_another(taken: int) -> None:
    with pytest.raises(PortInUse, match=rf"Port {taken} is used by another program(.|\n)*PORT=\d+ make run") as refused:
        ports.check_free(taken)
    suggested = int(str(refused.value).split("PORT=")[1].split()[0])
    assert suggested != taken
    assert ports.is_free(suggested)


def test_first_free_passes_over_what_is_taken(taken: int) -> None:
    assert ports.first_free(taken) != taken


def test_a_port_just_given_back_is_free() -> None:
    port = ports.first_free(8300)
    ports.check_free(port)


def test_stacks_that_start_together_get_ports_of_their_own() -> None:
    """A port is taken only when the web server comes up, long after it was chosen."""
    chosen = [ports.somewhere() for _ in range(5)]
    assert len(set(chosen)) >= 4  # chosen by chance among thousands
    assert all(ports.is_free(port) and ports.is_free(port + 1) for port in chosen)
