import { useRef } from 'preact/hooks';
import type { Progress } from 'vecvault';

/** How much of what there is to do is done: counted in bytes where those are known, else in records. */
export interface Measure {
  readonly unit: 'bytes' | 'records';
  readonly done: number;
  readonly total: number | undefined;
}

export function measureOf(progress: Progress): Measure {
  const { bytes, totalBytes, records, totalRecords } = progress;
  if (totalBytes === undefined && totalRecords !== undefined) return { unit: 'records', done: records, total: totalRecords };
  return { unit: 'bytes', done: bytes, total: totalBytes };
}

export interface Pace {
  readonly perSecond: number;
  /** Seconds. */
  readonly left: number | undefined;
}

/** The window that the rate is taken over, in milliseconds: the last seconds tell what the next ones will be. */
const WINDOW = 4_000;
/** Before this many milliseconds a rate is a guess. */
const FIRST = 300;

/** Rate and time left, from the progress of the last seconds. */
export function usePace(measure: Measure | undefined): Pace | undefined {
  const seen = useRef<{ at: number; done: number }[]>([]);
  if (!measure) return void (seen.current = []);
  const points = seen.current;
  const now = performance.now();
  if (measure.done < (points.at(-1)?.done ?? 0)) points.length = 0;
  if (points.at(-1)?.done !== measure.done) points.push({ at: now, done: measure.done });
  while (points.length > 2 && now - (points[0]?.at ?? now) > WINDOW) points.shift();
  const first = points[0];
  if (!first || now - first.at < FIRST) return undefined;
  const perSecond = ((measure.done - first.done) * 1000) / (now - first.at);
  if (!(perSecond > 0)) return undefined;
  return { perSecond, left: measure.total === undefined ? undefined : (measure.total - measure.done) / perSecond };
}
