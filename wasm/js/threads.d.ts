// `vecvault/threads`: the package in Node, with threads. All of `vecvault` is here too.
export * from './vecvault.js';

/**
 * Starts threads until there are `count`: at least 1, by default as many as the process may use of the processors.
 * Resolves once they work; then building, extracting and verifying go on in all of them. Called again it adds those that
 * are missing. They end with the process, and do not keep it alive. Without them everything runs on the calling thread.
 *
 * Rejects with the code `unavailable` where a thread cannot be started.
 */
export function startThreads(count?: number): Promise<void>;
