"""Starts `AgentOSClient` with the URL and prints each event that it hands over. pip install "agno[os]==3.1.10"
python agentos_client.py URL          with JUDGE_ALL=1 it is judged by what it does not claim, too
"""
import os
from agno.client import AgentOSClient
from agno_events import show, start


async def main(url):
    client = AgentOSClient(base_url=url)
    of_agent = os.environ["RECONNECT_ACCEPTANCE_COMPONENT"] == "agent"
    run = client.run_agent_stream if of_agent else client.run_workflow_stream
    token = os.environ.get("RECONNECT_ACCEPTANCE_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else None
    async for event in run("long", "Hello", headers=headers, background=True):
        show(event)


start(main)
