// Runs the tests of the page: `node tests/page/run.mjs [--long] [NAME…]`; a name is a file's without `.test.mjs`.
// It builds what is tested, and prints a line that tests/run.sh counts.
import { buildPage } from './built.mjs';
import { runTests } from '../wasm/runner.mjs';

await runTests(new URL('./', import.meta.url), buildPage);
