/** The verification of the chosen file. */
import { subject } from './subject.ts';
import { Task } from './task.ts';

export const verification = new Task('verify');

let source: unknown;
subject.subscribe(() => {
  const now = subject.value.state === 'none' ? undefined : subject.value.source;
  if (now !== source) verification.reset();
  source = now;
});
