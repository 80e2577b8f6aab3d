// Runs the `*.test.mjs` of a folder, and prints a line that tests/run.sh counts. Arguments are names of files without
// `.test.mjs`, and `--long`.
import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** Builds, unless VECVAULT_BUILT is set, and runs them one after the other. */
export async function runTests(folder, build) {
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  if (process.argv.includes('--long')) process.env.VECVAULT_LONG = '1';
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.test.mjs'))
    .filter((name) => names.length === 0 || names.includes(name.replace('.test.mjs', '')))
    .map((name) => new URL(name, folder).pathname);

  if (!process.env.VECVAULT_BUILT) build();
  let passed = 0;
  let failed = 0;
  const isSuite = (data) => data.details?.type === 'suite' || files.includes(data.name);
  // One file at a time: they measure, and two cores are two cores. What hangs, in a browser or in workerd, fails.
  const timeout = (process.env.VECVAULT_LONG === '1' ? 60 : 10) * 60_000;
  const events = run({ files, concurrency: 1, timeout });
  events.on('test:pass', (data) => (passed += isSuite(data) || data.skip !== undefined ? 0 : 1));
  // A file fails by itself where it crashed or its time was up.
  events.on('test:fail', (data) => (failed += data.details.error.failureType === 'subtestsFailed' ? 0 : 1));
  events.compose(new spec()).pipe(process.stdout);
  await new Promise((resolve) => events.on('end', resolve));
  const verdict = failed === 0 ? 'ok' : 'FAILED';
  console.log(`\ntest result: ${verdict}. ${passed} passed; ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
