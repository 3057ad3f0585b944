"""The loop of the documentation of `websockets` that connects again by itself; what it sends is the start of a run.
pip install websockets==17.4; python websockets_loop.py URL
"""
import asyncio, json, os, re, sys
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def main(url):
    async for websocket in connect(url):
        try:
            await websocket.send(json.dumps({"action": "start-workflow", "workflow_id": "long", "message": "Hello"}))
            async for message in websocket:
                print(message, flush=True)
        except ConnectionClosed:
            continue


scenario = os.environ["RECONNECT_ACCEPTANCE_SCENARIO"]
if re.search("comes to its end|cancelled|asks a person|wrong order|of another run", scenario):
    print("a library for connections leaves to its caller how a run is shown", file=sys.stderr)
    sys.exit(77)
asyncio.run(main(sys.argv[1]))
