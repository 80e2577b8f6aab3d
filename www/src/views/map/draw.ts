/** Draws the points. Colours are the style sheet's: they are read from it as they are now. */
import type { Colouring } from './groups.ts';
import type { Box } from './points.ts';
import { shapePath } from './shapes.ts';

const RADIUS = 3.2;
/** How many steps the scale of numbers is drawn in. */
const STEPS = 24;

interface Drawing {
  readonly places: Float32Array;
  readonly colouring: Colouring;
  readonly only: number | undefined;
  /** The point that is pointed at. */
  readonly at: number | undefined;
}

export function drawMap(canvas: HTMLCanvasElement, { width, height }: Box, drawing: Drawing): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (!context || width === 0) return;
  context.scale(ratio, ratio);
  const { places, colouring, only, at } = drawing;
  const looks = looksOf(canvas, colouring);
  const isBehind = (point: number) => only !== undefined && colouring.kind === 'groups' && colouring.of[point] !== only;
  // What is looked at alone is drawn over the others.
  for (const behind of [true, false]) {
    for (let point = 0; point < places.length / 2; point += 1) {
      if (isBehind(point) !== behind) continue;
      const look = looks[lookOf(colouring, point)];
      if (!look) continue;
      context.globalAlpha = behind ? 0.12 : 0.75;
      context.fillStyle = look.colour;
      stamp(context, look.shape, places[2 * point] ?? 0, places[2 * point + 1] ?? 0);
    }
  }
  if (at === undefined) return;
  context.globalAlpha = 1;
  context.strokeStyle = colourOf(canvas, '--ink');
  context.lineWidth = 2;
  context.beginPath();
  context.arc(places[2 * at] ?? 0, places[2 * at + 1] ?? 0, RADIUS + 4, 0, 2 * Math.PI);
  context.stroke();
}

function stamp(context: CanvasRenderingContext2D, shape: Path2D, x: number, y: number): void {
  context.translate(x, y);
  context.fill(shape);
  context.translate(-x, -y);
}

interface Look {
  readonly colour: string;
  readonly shape: Path2D;
}

/** Every look there is: one a group, or one a step of the scale and one for what has no number. */
function looksOf(canvas: HTMLCanvasElement, colouring: Colouring): Look[] {
  if (colouring.kind === 'groups') {
    const count = Math.max(1, colouring.names.length);
    return Array.from({ length: count }, (_, group) => ({
      colour: colourOf(canvas, group < colouring.named ? `--series-${group}` : '--edge'),
      shape: new Path2D(shapePath(group, RADIUS)),
    }));
  }
  const shape = new Path2D(shapePath(0, RADIUS));
  const steps = Array.from({ length: STEPS }, (_, step) => {
    const part = Math.round((step / (STEPS - 1)) * 100);
    return { colour: resolved(canvas, `color-mix(in oklab, var(--scale-high) ${part}%, var(--scale-low))`), shape };
  });
  return [...steps, { colour: colourOf(canvas, '--edge'), shape: new Path2D(shapePath(1, RADIUS * 0.7)) }];
}

function lookOf(colouring: Colouring, point: number): number {
  if (colouring.kind === 'groups') return colouring.of[point] ?? 0;
  const place = colouring.of[point];
  return place === undefined ? STEPS : Math.min(STEPS - 1, Math.round(place * (STEPS - 1)));
}

function colourOf(canvas: HTMLCanvasElement, name: string): string {
  return resolved(canvas, `var(${name})`);
}

/** A colour of the style sheet as a canvas takes it: by what the browser makes of it here and now. */
function resolved(canvas: HTMLCanvasElement, colour: string): string {
  canvas.style.color = colour;
  const found = getComputedStyle(canvas).color;
  canvas.style.color = '';
  return found;
}
