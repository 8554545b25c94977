"""The process of the target `moto-server`: serves until its standard input ends.

It writes the port to standard output once it accepts connections.
"""

import logging
import sys

from ..adapter.sessions import shared_models


def main() -> None:
    """Serve on a free port of 127.0.0.1."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else a line for every request
    with shared_models():  # moto makes a dozen sessions when it is imported, and more when it serves
        from moto.moto_server.threaded_moto_server import (  # pyright: ignore[reportMissingTypeStubs]
            ThreadedMotoServer,
        )

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        _, port = server.get_host_and_port()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        sys.stdin.read()
        server.stop()


if __name__ == "__main__":
    main()
