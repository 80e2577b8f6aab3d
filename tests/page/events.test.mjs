// Server-sent events are the same however their bytes are cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fileInPieces, sourceOf } from './source.mjs';

const { eventsOf } = await sourceOf('server/events.ts');

const STREAM = ': a comment\n\nevent: progress\ndata: {"records":1,"name":"é𝄞"}\n\n: heartbeat\n\ndata: one\r\ndata:two\r\n\r\nid: 7\nretry: 10\nevent: nothing\n\nevent: end\ndata: {"done":true}\n\ndata: cut off';
const EXPECTED = [
  { event: 'progress', data: '{"records":1,"name":"é𝄞"}' },
  { event: 'message', data: 'one\ntwo' },
  { event: 'end', data: '{"done":true}' },
];

test('events are read, comments and what is unknown are passed over, and what is cut off is none', async () => {
  const bytes = new TextEncoder().encode(STREAM);
  for (let size = 1; size <= bytes.length; size += 1) {
    const events = [];
    for await (const event of eventsOf(fileInPieces('', bytes, size).stream())) events.push(event);
    assert.deepEqual(events, EXPECTED, `pieces of ${size}`);
  }
});
