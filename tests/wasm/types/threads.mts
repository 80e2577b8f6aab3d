import { open } from 'vecvault';
import * as threaded from 'vecvault/threads';

export async function everything(): Promise<typeof open> {
  await threaded.startThreads();
  const started: Promise<void> = threaded.startThreads(2);
  await started;
  // All of the package is there too, and the same.
  return threaded.open;
}
