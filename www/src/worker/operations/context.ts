import type { Progress } from 'vecvault';

/** What a call of the page gives an operation beside its arguments. */
export interface Context {
  /** Aborted where the page cancels the call. */
  readonly signal: AbortSignal;
  /** Tells the page how far it has come; as often as it likes. */
  readonly onProgress: (progress: Progress) => void;
  /** Buffers of the result that move to the page rather than being copied. */
  readonly transfer: (...buffers: Transferable[]) => void;
}
