"""Starts agno's example `websocket_reconnect.py` with the URL. pip install websockets==17.4
python cookbook_websocket.py PATH/TO/websocket_reconnect.py URL
"""
import asyncio, runpy, sys

script, url = sys.argv[1:]
example = runpy.run_path(script)["WorkflowWebSocketTester"](url)
asyncio.run(example.test_workflow_execution_with_reconnection())
