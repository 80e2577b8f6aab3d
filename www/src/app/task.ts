/** Long work of the worker: it goes on while other views are looked at, and ends with the file it is about. */
import type { Progress } from 'vecvault';

import { call, failureIn } from '../worker/client.ts';
import type { Failure, Gives, Operation, Takes } from '../worker/protocol.ts';
import { Store } from './store.ts';
import { subject } from './subject.ts';

export type TaskState<O extends Operation> =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly takes: Takes<O>; readonly progress: Progress | undefined }
  | { readonly state: 'cancelled' }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'done'; readonly takes: Takes<O>; readonly value: Gives<O>; readonly seconds: number };

/** One operation that can be started, watched and cancelled. */
export class Task<O extends Operation> extends Store<TaskState<O>> {
  readonly #operation: O;
  #stop: AbortController | undefined;

  constructor(operation: O) {
    super({ state: 'none' });
    this.#operation = operation;
  }

  /** Starts it; what was under way is cancelled. */
  async start(takes: Takes<O>): Promise<void> {
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    const began = performance.now();
    const tell = (state: TaskState<O>) => {
      if (this.#stop === stop) this.value = state;
    };
    tell({ state: 'running', takes, progress: undefined });
    try {
      const onProgress = (progress: Progress) => tell({ state: 'running', takes, progress });
      const value = await call(this.#operation, takes, { signal: stop.signal, onProgress });
      tell({ state: 'done', takes, value, seconds: (performance.now() - began) / 1000 });
    } catch (error) {
      const failure = failureIn(error);
      tell(failure.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', failure });
    }
  }

  cancel(): void {
    this.#stop?.abort();
  }

  /** Forgets what came of it. */
  reset(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.value = { state: 'none' };
  }
}

/** Tasks by a name, all about the chosen file: with another file they begin anew. */
export class Tasks<O extends Operation> {
  readonly #operation: O;
  readonly #tasks = new Map<string, Task<O>>();

  constructor(operation: O) {
    this.#operation = operation;
    let source: unknown;
    subject.subscribe(() => {
      const now = subject.value.state === 'none' ? undefined : subject.value.source;
      if (now === source) return;
      source = now;
      for (const task of this.#tasks.values()) task.reset();
      this.#tasks.clear();
    });
  }

  of(name: string): Task<O> {
    let task = this.#tasks.get(name);
    if (!task) {
      task = new Task(this.#operation);
      this.#tasks.set(name, task);
    }
    return task;
  }
}
