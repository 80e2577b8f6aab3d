// Messages as sentences: names and addresses at their beginning stay as they are written, byte numbers are grouped.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sourceOf } from './source.mjs';

const { grouped } = await sourceOf('ui/grouped.ts');
const { sentence } = await sourceOf('ui/message.ts');

test('a message becomes a sentence, and what it begins with keeps its name', () => {
  const sentences = [
    ['expected a UUID', 'Expected a UUID.'],
    ['this is not a backup: it is empty', 'This is not a backup: it is empty.'],
    ['data: this member is required', 'Data: this member is required.'],
    ['bad.jsonl, line 2: expected a number', 'bad.jsonl, line 2: expected a number.'],
    ['https://example.org/a does not answer', 'https://example.org/a does not answer.'],
    ['data.docs has no config', 'data.docs has no config.'],
    ['Is it there?', 'Is it there?'],
    ['', ''],
  ];
  for (const [message, expected] of sentences) assert.equal(sentence(message), expected);
});

test('numbers of bytes are grouped, and no other digits', () => {
  assert.equal(grouped('at byte 1453: block 2024, bytes 1453 to 141251: the block of 140798 bytes'), 'at byte 1,453: block 2024, bytes 1,453 to 141,251: the block of 140,798 bytes');
  assert.equal(grouped('docs-20240115 has 12 bytes'), 'docs-20240115 has 12 bytes');
});
