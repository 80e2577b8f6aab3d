import { LARGE_BLOB, canStream } from './save.ts';
import { bytes } from '../ui/format.ts';

/** What saving is like in this browser, where that matters. `size` may be an estimate. */
export function SaveHint({ size }: { size: number }) {
  if (canStream) return <p class="small muted">You choose the file; it is written as it is made, whatever its size.</p>;
  if (size < LARGE_BLOB) return <p class="small muted">About {bytes(size)}. This browser makes it whole and then downloads it.</p>;
  return (
    <p class="note warn">
      About {bytes(size)}. This browser cannot write to a file as it is made: it must hold all of it first, and may run out of
      room. Chromium, Chrome and Edge can; so can the command line.
    </p>
  );
}
