"""The same loop over HTTP: every event is parsed and kept."""
import asyncio
import json
import sys
import time

import httpx


async def main(url):
    received_events = []
    last_event_index = None
    async with httpx.AsyncClient(timeout=None) as client:
        began = time.perf_counter()
        async with client.stream("POST", url, data={"last_event_index": ""}) as response:
            async for line in response.aiter_lines():
                if not line.startswith("data: "):
                    continue
                data = json.loads(line[6:])
                if "event_index" in data:
                    last_event_index = data["event_index"]
                received_events.append(data)
                if data.get("event") in ["WorkflowCompleted", "WorkflowError"]:
                    break
            took = time.perf_counter() - began
    print(took, len(received_events), last_event_index, httpx.__version__, sys.version.split()[0])


asyncio.run(main(sys.argv[1]))
