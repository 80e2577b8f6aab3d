// CSV: rows are whole however the file's bytes come, numbers keep their digits, and columns are told by their names.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fileInPieces, sourceOf } from './source.mjs';

const { csvOf, guessed, lineOf, numbersIn } = await sourceOf('worker/operations/build/csv.ts');

async function rowsOf(text, size = 65_537) {
  const { columns, rows } = await csvOf(fileInPieces('test.csv', new TextEncoder().encode(text), size));
  const all = [];
  for await (const { cells } of rows) all.push(cells);
  return { columns, all };
}

test('rows of megabytes, with line breaks and quotes in cells, are cut nowhere but between them', async () => {
  const cell = (at) => `row ${at} é𝄞, "${'x'.repeat(at % 97)}"\nsecond; line\r\nthird`;
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const count = 30_000;
  for (const end of ['\n', '\r\n']) {
    let text = `\ufeffid,text,vector${end}`;
    for (let at = 0; at < count; at += 1) text += `v${at},${quoted(cell(at))},"[${at}, 0.5]"${end}`;
    assert.ok(text.length > 3 << 20);
    const { columns, all } = await rowsOf(text);
    assert.deepEqual(columns, ['id', 'text', 'vector']);
    assert.equal(all.length, count);
    for (const [at, cells] of all.entries()) assert.deepEqual(cells, [`v${at}`, cell(at), `[${at}, 0.5]`]);
  }
});

test('characters are whole at every cut', async () => {
  for (let size = 1; size < 12; size += 1) {
    assert.deepEqual((await rowsOf('id;text\n1;é𝄞€\n2;"a""b"\n', size)).all, [['1', 'é𝄞€'], ['2', 'a"b']]);
  }
});

test('a file without its last line break, with blank lines, or with one row, is read to its end', async () => {
  assert.deepEqual((await rowsOf('a,b\n\n1,2\n\n3,4')).all, [['1', '2'], ['3', '4']]);
  assert.deepEqual((await rowsOf('a\tb\n1\t2')).all, [['1', '2']]);
  await assert.rejects(rowsOf('a,b\n"1,2\n3,4\n'), /[Qq]uote/);
  await assert.rejects(rowsOf('a,a\n1,2\n'), /two columns are named “a”/);
});

test('lists of numbers are told from other texts, and their digits are kept', () => {
  const cases = {
    '[1, 2.50, -3e-7]': '[1,2.50,-3e-7]',
    '(1 2 3)': '[1,2,3]',
    '1;2;3': '[1,2,3]',
    '[+.5, 1., 007, -00.5]': '[0.5,1,7,-0.5]',
    '[ -0.0 ]': '[-0.0]',
    '0.1234567890123456789': '[0.1234567890123456789]',
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(numbersIn(text), expected, text);
  for (const text of ['', '[]', '[1,,2]', '[1, NaN]', 'inf', '1,2,x', '[1e]', '0x10', '2024-01-15']) assert.equal(numbersIn(text), undefined, text);
});

test('columns are guessed from their names and the first row', () => {
  const guess = (columns, cells) => {
    const { id, vector, metadata } = guessed(columns, cells);
    return [id, vector, metadata];
  };
  assert.deepEqual(guess(['id', 'date', 'embedding'], ['a', '2024-01-15', '[1,2]']), ['id', ['embedding'], undefined]);
  assert.deepEqual(guess(['name', 'x_0', 'x_1', 'x_2', 'y_0'], ['a', '1', '2', '3', '4']), [undefined, ['x_0', 'x_1', 'x_2'], undefined]);
  assert.deepEqual(guess(['_id', 'point', 'vector', 'payload'], ['a', '1 2', '1 2 3', '{"a":1}']), ['_id', ['vector'], 'payload']);
  assert.deepEqual(guess(['a', 'b'], ['x', 'y']), [undefined, [], undefined]);
});

test('a row becomes a JSON line: numbers as such, text that is no JSON number as text', () => {
  const columns = ['id', 'v', 'n', 'zip', 'flag', 'empty', 'big'];
  const row = { number: 1, cells: ['a"b', '[1,2]', '1.50', '007', 'true', '', '9007199254740993'] };
  const chosen = { id: 'id', vector: ['v'], metadata: undefined, textOnly: false };
  assert.equal(lineOf(row, columns, chosen, 'f.csv'), '{"id":"a\\"b","vector":[1,2],"metadata":{"n":1.50,"zip":"007","flag":true,"big":9007199254740993}}\n');
  assert.match(lineOf(row, columns, { ...chosen, textOnly: true }, 'f.csv'), /"n":"1.50",.*"flag":"true"/);
  assert.throws(() => lineOf(row, columns, { ...chosen, vector: ['zip', 'flag'] }, 'f.csv'), /row 1, column “flag”: “true” is no number/);
});
