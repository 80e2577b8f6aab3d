/** A vector as bars, one a dimension, or where there are more dimensions than room, the span of some each. */
import { useMemo } from 'preact/hooks';

import { float32, number } from './format.ts';
import { Plot } from './Plot.tsx';

/** How many bars there are at most. */
const BARS = 512;
const HEIGHT = 100;

export function VectorPlot({ vector }: { vector: Float32Array }) {
  const { path, bars, zero } = useMemo(() => drawn(vector), [vector]);
  return (
    <Plot
      label="Vector, dimension by dimension"
      count={vector.length}
      say={(index) => `dimension ${number(index)}: ${float32(vector[index] ?? 0)}`}
      width={bars}
      height={HEIGHT}
    >
      <line class="plot-zero" x1={0} x2={bars} y1={zero} y2={zero} />
      <path class="plot-bars" d={path} stroke-width={0.8} />
    </Plot>
  );
}

/** The bars as one path: each from zero, or from its least to its greatest value. */
function drawn(vector: Float32Array): { path: string; bars: number; zero: number } {
  const bars = Math.min(vector.length, BARS);
  let [low, high] = [0, 0];
  for (const value of vector) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? (HEIGHT - 4) / (high - low) : 0;
  const y = (value: number) => 2 + (high - value) * scale;
  let path = '';
  for (let bar = 0; bar < bars; bar += 1) {
    const end = Math.floor(((bar + 1) * vector.length) / bars);
    let [least, greatest] = [0, 0];
    for (let at = Math.floor((bar * vector.length) / bars); at < end; at += 1) {
      const value = vector[at] ?? 0;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    path += `M${bar + 0.5} ${y(greatest).toFixed(2)}V${y(least).toFixed(2)}`;
  }
  return { path, bars, zero: y(0) };
}
