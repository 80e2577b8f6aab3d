// Messages as sentences: names and addresses at their beginning stay as they are written.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sourceOf } from './source.mjs';

const { sentence } = await sourceOf('ui/message.ts');

test('a message becomes a sentence, and what it begins with keeps its name', () => {
  const sentences = [
    ['expected a UUID', 'Expected a UUID.'],
    ['this is no backup: it is empty', 'This is no backup: it is empty.'],
    ['data: this member is required', 'Data: this member is required.'],
    ['bad.jsonl, line 2: expected a number', 'bad.jsonl, line 2: expected a number.'],
    ['https://example.org/a does not answer', 'https://example.org/a does not answer.'],
    ['data.docs has no config', 'data.docs has no config.'],
    ['Is it there?', 'Is it there?'],
    ['', ''],
  ];
  for (const [message, expected] of sentences) assert.equal(sentence(message), expected);
});
