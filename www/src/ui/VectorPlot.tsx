/** A vector as bars, one a dimension, or where there are more dimensions than room, the span of some each. */
import { useMemo, useState } from 'preact/hooks';

import { float32, number } from './format.ts';

/** How many bars there are at most. */
const BARS = 512;
const HEIGHT = 100;

export function VectorPlot({ vector }: { vector: Float32Array }) {
  const [at, setAt] = useState(0);
  const { path, bars, zero } = useMemo(() => drawn(vector), [vector]);
  const last = vector.length - 1;
  const index = Math.min(at, last);
  const move = (to: number) => setAt(Math.min(last, Math.max(0, to)));
  const onKeyDown = (event: KeyboardEvent) => {
    const leap = Math.max(1, Math.round(vector.length / 16));
    const steps: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: leap, PageDown: -leap, Home: -last, End: last };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(index + step);
  };
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    move(Math.floor(((event.clientX - box.left) / box.width) * vector.length));
  };
  const said = `dimension ${number(index)}: ${float32(vector[index] ?? 0)}`;
  return (
    <figure class="vector-plot">
      <div
        role="slider"
        tabIndex={0}
        aria-label="Vector, dimension by dimension"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={index}
        aria-valuetext={said}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
      >
        <svg viewBox={`0 0 ${bars} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <rect class="cursor" x={(index * bars) / vector.length} y={0} width={Math.max(1, bars / vector.length)} height={HEIGHT} />
          <line class="zero" x1={0} x2={bars} y1={zero} y2={zero} />
          <path d={path} />
        </svg>
      </div>
      <figcaption class="small muted numeric">{said}</figcaption>
    </figure>
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
