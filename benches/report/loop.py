"""The loop of the script that the suite grew from: every message is parsed, every event kept."""
import asyncio
import json
import sys
import time

import websockets


def parse_sse_message(message):
    lines = message.strip().split("\n")
    data_line = None
    for line in lines:
        if line.startswith("data: "):
            data_line = line[6:]
            break
    if data_line:
        return json.loads(data_line)
    return json.loads(message)


async def main(url, request):
    received_events = []
    last_event_index = None
    async with websockets.connect(url, max_size=None) as websocket:
        parse_sse_message(await websocket.recv())
        began = time.perf_counter()
        await websocket.send(request)
        async for message in websocket:
            data = parse_sse_message(message)
            event_type = data.get("event")
            if "event_index" in data:
                last_event_index = data["event_index"]
            received_events.append(data)
            if event_type in ["WorkflowCompleted", "WorkflowError"]:
                break
        took = time.perf_counter() - began
    print(took, len(received_events), last_event_index, websockets.__version__, sys.version.split()[0])


asyncio.run(main(sys.argv[1], sys.argv[2]))
