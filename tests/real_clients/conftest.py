"""Servers for real clients: the specification, and moto."""

import shlex
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from real_clients.programs import Place

from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.options import settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel

Start = Callable[[str], Place]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server by its name in the page: `moto`, or EC2 with options of `serve`."""
    with ExitStack() as stack:

        def served(server: str) -> Place:
            name, _, options = server.partition(" ")
            assert name in {"EC2", "moto"}
            serves = _moto() if name == "moto" else serve_in_thread(_model(options.strip("`")))
            return Place(stack.enter_context(serves), tmp_path)

        yield served


@contextmanager
def _moto() -> Generator[str]:
    """Let moto serve, with nothing in it: what it holds belongs to the process."""
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    try:
        host, port = moto.get_host_and_port()
        connection = HTTPConnection(host, port)
        connection.request("POST", "/moto-api/reset")
        assert connection.getresponse().status == HTTPStatus.OK
        connection.close()
        yield f"http://{host}:{port}"
    finally:
        moto.stop()


def _model(options: str) -> ServedModel:
    """Return a model with the options `--choice` and `--delay` of `serve`."""
    words = shlex.split(options)
    pairs = [(option, *setting.split("=")) for option, setting in zip(words[::2], words[1::2], strict=True)]
    assert {option for option, _, _ in pairs} <= {"--choice", "--delay"}
    return ServedModel(
        settings_of(
            choices={name: value for option, name, value in pairs if option == "--choice"},
            delay={name: value for option, name, value in pairs if option == "--delay"},
        )
    )


@pytest.fixture
def model() -> ServedModel:
    """The specification with every background step at once, to be served."""
    return ServedModel()


@pytest.fixture
def place(model: ServedModel, tmp_path: Path) -> Iterator[Place]:
    """The place of programs that ask the model."""
    with serve_in_thread(model) as url:
        yield Place(url, tmp_path)
