// JSON read where it stands: what it finds is what a parser finds, to the digit, in texts of any size.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { root } from './built.mjs';

const { transformSync } = createRequire(`${root}tests/`)('esbuild');
const { readFileSync } = await import('node:fs');
const { code } = transformSync(readFileSync(`${root}www/src/json.ts`, 'utf8'), { loader: 'ts', format: 'esm' });
const { jsonChildren, jsonRoot, jsonString } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);

/** A value made of spans, children asked for `limit` at a time; numbers and words are their texts. */
function read(text, span, limit) {
  if (span.kind === 'string') return jsonString(text, span);
  if (span.kind === 'number' || span.kind === 'word') return { text: text.slice(span.start, span.end) };
  const all = [];
  for (let next; all.length === 0 || next !== undefined; ) {
    const found = jsonChildren(text, span, limit, next, all.length);
    all.push(...found.children);
    next = found.next;
    if (found.children.length === 0) break;
  }
  const values = all.map((child) => [child.key, read(text, child, limit)]);
  return span.kind === 'array' ? values.map(([key, value], at) => (assert.equal(key, at), value)) : Object.fromEntries(values);
}

const asSpans = (value) => JSON.parse(JSON.stringify(value), (key, value) => (typeof value === 'object' && value !== null ? value : typeof value === 'string' ? value : { text: JSON.stringify(value) }));

const TEXTS = [
  '{}', '[]', ' [ ] ', '""', '"a\\"b\\\\"', '[1,2,3]', '{"a":1,"b":[true,false,null],"c":{"d":"}{][\\""}}',
  '{ "a" : [ [ ] , { } , [ 1 , "x,y" ] ] , "é𝄞" : "\\u00e9" }', '[[[[[[]]]]]]', '{"":{"":""}}', '{"\\n":"\\\\"}',
];

test('every value is found where it stands, however few are asked for at a time', () => {
  for (const text of TEXTS) {
    for (const limit of [1, 2, 100]) assert.deepEqual(read(text, jsonRoot(text), limit), asSpans(JSON.parse(text)), text);
  }
});

test('numbers keep the digits that were written', () => {
  const text = '{"big":9007199254740993,"far":1e400,"minus":-0.0,"long":0.1000000000000000055511151231257827}';
  assert.deepEqual(Object.values(read(text, jsonRoot(text), 10)).map(({ text }) => text), ['9007199254740993', '1e400', '-0.0', '0.1000000000000000055511151231257827']);
});

test('a text that is no JSON ends all the same', () => {
  for (const text of ['', '{', '[', '"', '{"a"', '{"a":', '[1,', '[1 2', '}', '{]', '[,]', '{"a":}', '[[', '["\\']) {
    const { children } = jsonChildren(text, jsonRoot(text), 10);
    assert.ok(children.length <= 10, text);
  }
});

test('a text of 16 MiB costs what is looked at', () => {
  const text = `{"first":1,"rows":[${Array.from({ length: 400_000 }, (_, at) => `{"k":"value ${at} \\"q\\""}`).join(',')}],"last":2}`;
  const { children } = jsonChildren(text, jsonRoot(text), 1);
  assert.deepEqual(children.map(({ key }) => key), ['first']);
  const all = jsonChildren(text, jsonRoot(text), 10).children;
  assert.deepEqual(all.map(({ key }) => key), ['first', 'rows', 'last']);
  const rows = jsonChildren(text, all[1], 100);
  assert.equal(rows.children.length, 100);
  const more = jsonChildren(text, all[1], 1, rows.next, 100).children[0];
  assert.deepEqual([more.key, text.slice(more.start, more.end)], [100, '{"k":"value 100 \\"q\\""}']);
});
