/**
 * A plot over a row of things: it is drawn in a box of `width` by `height` of its own units, and pointer or arrow
 * keys go from thing to thing and read each out.
 */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface Props {
  /** What is plotted. */
  readonly label: string;
  /** How many things there are, at least one. */
  readonly count: number;
  /** What is said of one. */
  readonly say: (index: number) => string;
  readonly width: number;
  readonly height: number;
  /** What stands below its left and its right end. */
  readonly ends?: readonly [string, string];
  /** SVG. */
  readonly children: ComponentChildren;
}

export function Plot({ label, count, say, width, height, ends, children }: Props) {
  const [at, setAt] = useState<number>();
  const last = count - 1;
  const index = Math.min(at ?? 0, last);
  const move = (to: number) => setAt(Math.min(last, Math.max(0, to)));
  const onKeyDown = (event: KeyboardEvent) => {
    const leap = Math.max(1, Math.round(count / 16));
    const steps: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: leap, PageDown: -leap, Home: -last, End: last };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(index + step);
  };
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    move(Math.floor(((event.clientX - box.left) / box.width) * count));
  };
  const said = say(index);
  return (
    <figure class="plot">
      <div
        class="plot-box"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={index}
        aria-valuetext={said}
        onKeyDown={onKeyDown}
        onFocus={() => at === undefined && setAt(0)}
        onPointerMove={onPointerMove}
      >
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {at !== undefined && <rect class="plot-cursor" x={(index * width) / count} y={0} width={Math.max(width / 400, width / count)} height={height} />}
          {children}
        </svg>
      </div>
      <figcaption class="small muted numeric">
        <span>{ends?.[0]}</span>
        <span class="plot-said">{at === undefined ? 'Point at it, or use the arrow keys' : said}</span>
        <span>{ends?.[1]}</span>
      </figcaption>
    </figure>
  );
}
