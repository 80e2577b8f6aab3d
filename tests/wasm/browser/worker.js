import * as cases from './cases.js';

onmessage = async ({ data: { name, args } }) => {
  try {
    postMessage({ result: await cases[name](args) });
  } catch (error) {
    postMessage({ error: `${error.stack ?? error}` });
  }
};
