import type { Statistics } from 'vecvault';

import { plural, rough, share } from '../../ui/format.ts';
import { Plot } from '../../ui/Plot.tsx';

const HEIGHT = 100;
/** Norms this near to 1 are those of unit vectors, rounded. */
const UNIT = 1e-3;

/** How long the vectors are. */
export function NormsPlot({ norms }: { norms: Statistics['norms'] }) {
  const { start, width, counts } = norms.histogram;
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const isUnit = Math.abs(norms.min - 1) < UNIT && Math.abs(norms.max - 1) < UNIT;
  const edge = (bin: number) => start + bin * width;
  const bar = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / most) * (HEIGHT - 4)));
  const path = counts.map((count, bin) => `M${bin + 0.5} ${HEIGHT}v${-bar(count).toFixed(2)}`).join('');
  return (
    <>
      <p class="numeric">
        From {rough(norms.min)} to {rough(norms.max)}, {rough(norms.mean)} on average.{isUnit && ' All vectors are of unit length.'}
      </p>
      {counts.length > 0 && (
        <Plot
          label="How many vectors are how long"
          count={counts.length}
          say={(bin) => `${rough(edge(bin))} to ${rough(edge(bin + 1))}: ${plural(counts[bin] ?? 0, 'vector')} (${share((counts[bin] ?? 0) / total)})`}
          width={counts.length}
          height={HEIGHT}
          ends={[rough(edge(0)), rough(edge(counts.length))]}
        >
          <path class="plot-bars" d={path} stroke-width={0.86} />
        </Plot>
      )}
    </>
  );
}
