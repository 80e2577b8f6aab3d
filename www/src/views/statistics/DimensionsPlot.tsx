/** Each dimension: its mean, its spread, its least and greatest number. */
import { useMemo } from 'preact/hooks';
import type { Statistics } from 'vecvault';

import { number, rough } from '../../ui/format.ts';
import { Plot } from '../../ui/Plot.tsx';

type Dimensions = Statistics['dimensions'];

const HEIGHT = 100;
/** How many points a line has at most. */
const POINTS = 1024;

export function DimensionsPlot({ dimensions }: { dimensions: Dimensions }) {
  const { mean, deviation, min, max } = dimensions;
  const drawing = useMemo(() => drawn(dimensions), [dimensions]);
  const constant = useMemo(() => deviation.reduce((count: number, value) => (value === 0 ? count + 1 : count), 0), [deviation]);
  const say = (at: number) =>
    `dimension ${number(at)}: mean ${rough(mean[at] ?? 0)}, deviation ${rough(deviation[at] ?? 0)}, from ${rough(min[at] ?? 0)} to ${rough(max[at] ?? 0)}`;
  return (
    <>
      <p>
        The line is the mean, the inner band one standard deviation around it, the outer one runs from the least to the greatest number.
        {constant > 0 && ` ${number(constant)} of ${number(mean.length)} dimensions have the same number in every vector.`}
      </p>
      <Plot label="Dimensions" count={mean.length} say={say} width={drawing.width} height={HEIGHT} ends={['0', number(mean.length - 1)]}>
        <path class="plot-area far" d={drawing.range} />
        <path class="plot-area" d={drawing.band} />
        <line class="plot-zero" x1={0} x2={drawing.width} y1={drawing.zero} y2={drawing.zero} />
        <path class="plot-line" d={drawing.line} />
      </Plot>
    </>
  );
}

function drawn({ mean, deviation, min, max }: Dimensions) {
  const width = Math.min(mean.length, POINTS);
  const low = min.reduce((least: number, value) => Math.min(least, value), 0);
  const high = max.reduce((greatest: number, value) => Math.max(greatest, value), 0);
  const scale = high > low ? (HEIGHT - 4) / (high - low) : 0;
  const y = (value: number) => (2 + (high - value) * scale).toFixed(2);
  // Where there are more dimensions than points, a point is the first of its dimensions for the line and the
  // widest of them for the bands, so that none is hidden.
  const pieces = Array.from({ length: width }, (_, at) => {
    const [from, to] = [Math.floor((at * mean.length) / width), Math.floor(((at + 1) * mean.length) / width)];
    const piece = { mean: mean[from] ?? 0, low: Infinity, high: -Infinity, least: Infinity, greatest: -Infinity };
    for (let index = from; index < to; index += 1) {
      const [middle, around] = [mean[index] ?? 0, deviation[index] ?? 0];
      piece.low = Math.min(piece.low, middle - around);
      piece.high = Math.max(piece.high, middle + around);
      piece.least = Math.min(piece.least, min[index] ?? 0);
      piece.greatest = Math.max(piece.greatest, max[index] ?? 0);
    }
    return piece;
  });
  // Each piece is a step as wide as its dimensions, so that one dimension alone is seen too.
  const steps = (value: (piece: (typeof pieces)[number]) => number) => pieces.map((piece, at) => `${at} ${y(value(piece))}L${at + 1} ${y(value(piece))}`);
  const around = (upper: string[], lower: string[]) => `M${upper.join('L')}L${lower.map((step) => step.split('L').reverse().join('L')).reverse().join('L')}Z`;
  return {
    width,
    zero: y(0),
    line: `M${steps((piece) => piece.mean).join('L')}`,
    band: around(steps((piece) => piece.high), steps((piece) => piece.low)),
    range: around(steps((piece) => piece.greatest), steps((piece) => piece.least)),
  };
}
