"""An address and wishes in, a port of this machine that is free to listen on out."""

import errno
import os
import socket

from workbench.errors import BadInput


def free(host: str, given: int | None, first: int, tried: int) -> int:
    """The port that was given, or the first that is free.

    Args:
        host: address to listen on.
        given: this one alone; None: any from `first` on.
        first: where to begin.
        tried: how many.

    Raises:
        BadInput: in use, not allowed, or no address of this machine.
    """
    for port in [given] if given else range(first, first + tried):
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            with socket.socket(family) as knocked:
                if os.name == "posix":
                    knocked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                knocked.bind((host, port))
            return port
        except PermissionError as error:
            raise BadInput(f"--port {port}: this user may not listen there; choose one above 1023") from error
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno != errno.EADDRINUSE:
                raise BadInput(f"--host {host}: no address of this machine ({error.strerror})") from error
    what = f"--port {given}: in use" if given else f"ports {first} to {first + tried - 1} are in use"
    raise BadInput(f"{what}; choose another with --port")
