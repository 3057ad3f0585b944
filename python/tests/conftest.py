"""What the tests of the plugin share: pytest inside pytest, and the bundled server."""

import subprocess

import pytest

from reconnect_acceptance import find_binary

pytest_plugins = ["pytester"]


@pytest.fixture
def serve():
    """Starts the bundled server with these faults, and returns its URL."""
    servers = []

    def start(*faults: str) -> str:
        command = [find_binary(), "serve", "--bind", "127.0.0.1:0", "--pace", "20ms"]
        command += [f"--fault={fault}" for fault in faults]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        servers.append(server)
        return server.stdout.readline().strip()

    yield start
    for server in servers:
        server.kill()
        server.wait()
        server.stdout.close()
