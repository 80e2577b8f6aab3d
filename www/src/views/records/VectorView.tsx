/** A vector: a plot, what can be said of it in brief, and its numbers. */
import { useMemo, useState } from 'preact/hooks';

import { CopyButton } from '../../ui/CopyButton.tsx';
import { VectorPlot } from '../../ui/VectorPlot.tsx';
import { float32, number, rough } from '../../ui/format.ts';

/** How many numbers are shown at once. */
const AT_ONCE = 128;

export function VectorView({ vector }: { vector: Float32Array }) {
  const [shown, setShown] = useState(AT_ONCE);
  const { norm, least, greatest, mean } = useMemo(() => summary(vector), [vector]);
  return (
    <>
      <div class="part-head">
        <h3>Vector</h3>
        <CopyButton text={() => `[${Array.from(vector, float32).join(',')}]`} name="the vector as JSON" label="Copy JSON" />
      </div>
      <p class="small muted numeric">
        Dimension {number(vector.length)} · norm {rough(norm)} · {rough(least)} to {rough(greatest)} · mean {rough(mean)}
      </p>
      <VectorPlot vector={vector} />
      <ol class="numbers mono" start={0} aria-label="Numbers of the vector">
        {Array.from(vector.subarray(0, shown), (value, index) => (
          <li key={index} title={`dimension ${index}`}>{float32(value)}</li>
        ))}
      </ol>
      {shown < vector.length && (
        <button type="button" class="quiet small" onClick={() => setShown(shown + 4 * AT_ONCE)}>
          Show {number(Math.min(4 * AT_ONCE, vector.length - shown))} more of {number(vector.length)} numbers
        </button>
      )}
    </>
  );
}

function summary(vector: Float32Array): { norm: number; least: number; greatest: number; mean: number } {
  let [squares, sum, least, greatest] = [0, 0, Infinity, -Infinity];
  for (const value of vector) {
    squares += value * value;
    sum += value;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { norm: Math.sqrt(squares), least, greatest, mean: sum / vector.length };
}
