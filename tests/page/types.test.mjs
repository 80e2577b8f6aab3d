// The page's TypeScript holds under the strictest settings.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { root } from './built.mjs';

const tsc = createRequire(`${root}tests/`).resolve('typescript/package.json').replace('package.json', 'bin/tsc');

test('the page is well typed', () => {
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', `${root}www`, '--pretty', 'false'], { encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.equal(status, 0);
});
