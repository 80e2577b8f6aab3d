import { useRef } from 'preact/hooks';
import type { Progress } from 'vecvault';

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
export function usePace(progress: Progress | undefined): Pace | undefined {
  const seen = useRef<{ at: number; bytes: number }[]>([]);
  if (!progress) return void (seen.current = []);
  const points = seen.current;
  const now = performance.now();
  const last = points.at(-1);
  if (last && progress.bytes < last.bytes) points.length = 0;
  if (points.at(-1)?.bytes !== progress.bytes) points.push({ at: now, bytes: progress.bytes });
  while (points.length > 2 && now - (points[0]?.at ?? now) > WINDOW) points.shift();
  const first = points[0];
  if (!first || now - first.at < FIRST) return undefined;
  const perSecond = ((progress.bytes - first.bytes) * 1000) / (now - first.at);
  if (!(perSecond > 0)) return undefined;
  const left = progress.totalBytes === undefined ? undefined : (progress.totalBytes - progress.bytes) / perSecond;
  return { perSecond, left };
}
