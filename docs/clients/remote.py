"""Starts `RemoteWorkflow` or `RemoteAgent` with the URL and prints each event that it hands over.
pip install "agno[os]==3.1.10"
python remote.py URL                  with JUDGE_ALL=1 it is judged by what it does not claim, too
"""
import os
from agno_events import show, start


async def main(url):
    if os.environ["RECONNECT_ACCEPTANCE_COMPONENT"] == "agent":
        from agno.agent.remote import RemoteAgent
        remote = RemoteAgent(base_url=url, agent_id="long")
    else:
        from agno.workflow.remote import RemoteWorkflow
        remote = RemoteWorkflow(base_url=url, workflow_id="long")
    async for event in remote.arun("Hello", stream=True, auth_token=os.environ.get("RECONNECT_ACCEPTANCE_TOKEN")):
        show(event)


start(main)
