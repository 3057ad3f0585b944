"""Starts agno's example `sse_reconnect.py` with the URL. pip install "agno[os]==3.1.10" openai==3.57.0
python cookbook_sse.py FOLDER/OF/sse_reconnect.py URL
"""
import asyncio, os, sys

folder, url = sys.argv[1:]
sys.path.insert(0, folder)
import sse_reconnect

sse_reconnect.BASE_URL = url
asyncio.run(sse_reconnect.run_reconnect_demo())
