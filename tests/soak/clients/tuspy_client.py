"""One go of an upload with tuspy, the tus project's client for Python. Reads its task as JSON, prints the upload's address."""

import json
import sys

from tusclient.client import TusClient

task = json.load(sys.stdin)
client = TusClient(task["endpoint"], headers={"Cookie": task["cookie"]})
uploader = client.uploader(
    task["path"], chunk_size=task["chunk"], metadata=task["metadata"], url=task["url"] or None, upload_checksum=True
)
while not task["stop_at"] or uploader.offset < task["stop_at"]:
    if uploader.offset >= uploader.get_file_size():
        break
    uploader.upload_chunk()
print(uploader.url)
