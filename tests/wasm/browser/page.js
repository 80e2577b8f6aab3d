// Runs cases on the page or in a worker, as the test asks.
import * as cases from './cases.js';

const input = document.querySelector('input');
const argumentsOf = (args) => (args.file ? { ...args, file: input.files[0] } : args);

window.onPage = (name, args = {}) => cases[name](argumentsOf(args));

window.inWorker = (name, args = {}) =>
  new Promise((resolve, reject) => {
    const worker = new Worker('./worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => {
      worker.terminate();
      if ('error' in data) reject(new Error(data.error));
      else resolve(data.result);
    };
    worker.onerror = (event) => reject(new Error(event.message ?? 'the worker does not load'));
    worker.postMessage({ name, args: argumentsOf(args) });
  });

window.ready = true;
