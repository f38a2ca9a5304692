"""Runs a gateway: settings as one JSON line on standard input, the address as one on standard output.

It ends when its standard input does, so that it cannot outlive the process that started it, however that one ended.
"""

import os
import socket
import sys
import threading

import orjson
import uvicorn

from workbench.gateway.server import Gateway
from workbench.gateway.settings import Settings


def main() -> None:
    """Serve on a loopback port of the system's choosing until standard input ends."""
    settings = Settings.from_json(sys.stdin.buffer.readline())
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    config = uvicorn.Config(
        Gateway(settings),
        log_level="error",
        access_log=False,  # a log line would name paths and tenants, and cost more than the call
        server_header=False,
        date_header=False,
        timeout_keep_alive=3600,  # a client's idle connection that we closed would look like a dead gateway
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)

    def end_with_parent() -> None:
        while os.read(sys.stdin.fileno(), 65536):
            pass
        server.should_exit = True
        threading.Timer(5, os._exit, [0]).start()

    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.stdout.buffer.write(orjson.dumps({"port": listener.getsockname()[1], "pid": os.getpid()}) + b"\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
