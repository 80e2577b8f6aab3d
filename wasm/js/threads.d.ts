// `vecvault/threads`: the package in Node, with threads. All of `vecvault` is here too.
export * from './vecvault.js';

/**
 * Starts threads until there are `count`, from 1 to 1024, and resolves once they work: then building, extracting and
 * verifying go on in all of them. By default there are as many as the process may use of the processors, at most 8: the
 * calling thread cannot feed more. Called again it adds those that are missing. They end with the process, and do not keep
 * it alive. Without them everything runs on the calling thread.
 *
 * Rejects with the code `invalid_request` for another count, with `unavailable` where a thread cannot be started.
 *
 * Where a thread is lost later, as for want of memory, the core is lost with it: every call that is under way, and all that
 * come, fail with the code `unavailable`. The process has to be begun anew.
 */
export function startThreads(count?: number): Promise<void>;
