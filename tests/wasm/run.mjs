// Runs the tests of the npm package: `node tests/wasm/run.mjs [--long] [NAME…]`; a name is a file's without
// `.test.mjs`. It builds what is tested, and prints a line that tests/run.sh counts.
import { buildAll } from './built.mjs';
import { runTests } from './runner.mjs';

await runTests(new URL('./', import.meta.url), buildAll);
