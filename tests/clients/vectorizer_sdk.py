"""A small HTTP client with exactly the signatures that the documented Python examples use.

No released `vectorizer_sdk` has them (backup-api.md beside this file does), so this one settles what the
examples mean. Standard library only. A reply with an error status raises `VectorizerError`.
"""

import asyncio
import json
import urllib.error
import urllib.request


class VectorizerError(Exception):
    """The server refused: `status` is the HTTP status, `reply` the decoded JSON."""

    def __init__(self, status, reply):
        super().__init__(f"{status}: {reply}")
        self.status = status
        self.reply = reply


class VectorizerClient:
    def __init__(self, base_url):
        self.base_url = base_url.rstrip("/")

    async def list_backups(self):
        return await self._call("GET", "/api/backups")

    async def create_backup(self, name, collections=None):
        body = {"name": name} if collections is None else {"name": name, "collections": collections}
        return await self._call("POST", "/api/backups/create", body)

    async def restore_backup(self, backup_id):
        return await self._call("POST", "/api/backups/restore", {"backup_id": backup_id})

    async def list_collections(self):
        return await self._call("GET", "/api/collections")

    async def batch_insert_text(self, collection, documents):
        body = {"collection": collection, "texts": documents}
        return await self._call("POST", "/api/insert_texts", body)

    async def _call(self, method, path, body=None):
        return await asyncio.to_thread(self._send, method, path, body)

    def _send(self, method, path, body):
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.base_url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise VectorizerError(error.code, json.load(error)) from None
