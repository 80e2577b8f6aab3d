// The page's TypeScript holds under the strictest settings, and its rooms know only whom they may.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { root } from './built.mjs';

const tsc = createRequire(`${root}tests/`).resolve('typescript/package.json').replace('package.json', 'bin/tsc');
const source = `${root}www/src/`;

test('the page is well typed', () => {
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', `${root}www`, '--pretty', 'false'], { encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.equal(status, 0);
});

/** Whom a room may know beside itself; `views/NAME` is every view's room. */
const KNOWN = {
  '': ['app', 'server', 'worker/client'],
  app: ['ui', 'views/index', 'worker/client'],
  ui: [],
  server: ['app', 'worker/client'],
  'views/index': ['app', 'server', 'views/NAME'],
  'views/NAME': ['app', 'server', 'ui', 'views/index', 'worker/client'],
  'worker/client': [],
  'worker/protocol': [],
  'worker/building': [],
  worker: [],
  json: [],
  part: [],
};
const FOR_EVERYBODY = ['worker/protocol', 'worker/building', 'json', 'part'];

function roomOf(path) {
  const name = path.replace(/\.tsx?$/, '');
  if (['views/index', 'worker/client', 'worker/protocol', 'worker/building', 'json', 'part'].includes(name)) return name;
  const [first, second] = name.split('/');
  return second === undefined ? '' : first === 'views' ? 'views/NAME' : first;
}

const files = readdirSync(source, { recursive: true }).filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'));

test('rooms know only whom they may', () => {
  for (const file of files) {
    const text = readFileSync(`${source}${file}`, 'utf8');
    const room = roomOf(file);
    for (const [, target] of text.matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
      const path = join(dirname(file), target);
      const known = roomOf(path);
      const isOwn = known === room && (room !== 'views/NAME' || dirname(path).startsWith(file.split('/').slice(0, 2).join('/')));
      assert.ok(isOwn || FOR_EVERYBODY.includes(known) || KNOWN[room].includes(known), `${file} must not know ${path}`);
    }
  }
});

test('only the worker calls the package', () => {
  for (const file of files.filter((name) => !name.startsWith('worker/'))) {
    const text = readFileSync(`${source}${file}`, 'utf8');
    assert.ok(!/import (?!type )[^;]*from 'vecvault/.test(text), file);
  }
});
