"""An ASGI app, served by uvicorn in a thread of this process."""

import contextlib
import socket
import threading
from typing import Iterator

#: How long the app may take to start and to stop, in seconds.
_PATIENCE = 60.0


@contextlib.contextmanager
def serve(app: object) -> Iterator[int]:
    """Serves the app on a free port of 127.0.0.1, and yields that port.

    Raises `RuntimeError` where uvicorn is missing, the app does not start, or does not within a minute.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise RuntimeError("uvicorn is missing: pip install 'reconnect-acceptance[asgi]'") from error
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    # why: the signals belong to pytest
    server.install_signal_handlers = lambda: None
    started = threading.Event()
    failure: list = []

    def body() -> None:
        try:
            server.run(sockets=[listener])
        except BaseException as error:  # noqa: B902
            failure.append(error)
        finally:
            started.set()

    async def startup(sockets: object = None) -> None:
        await type(server).startup(server, sockets=sockets)
        started.set()

    server.startup = startup
    thread = threading.Thread(target=body, name="reconnect-acceptance: the app", daemon=True)
    thread.start()
    try:
        if not started.wait(_PATIENCE):
            raise RuntimeError(f"the app did not start within {_PATIENCE:.0f} s")
        if not server.started:
            raise RuntimeError("the app did not start; its log says why") from (failure or [None])[0]
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        # why: viewers of runs that never end would keep it open
        server.force_exit = True
        thread.join(_PATIENCE)
        listener.close()
