/** Points of a picture: where they go on the canvas, and which is near. */

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Where each point is on the canvas, `x, y` each: both axes have one scale, so that distances are true. */
export function placed(points: Float32Array, { width, height }: Box, margin: number): Float32Array {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < points.length; at += 2) {
    const [x, y] = [points[at] ?? 0, points[at + 1] ?? 0];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < low) low = y;
    if (y > high) high = y;
  }
  const across = (width - 2 * margin) / (right - left || 1);
  const up = (height - 2 * margin) / (high - low || 1);
  const scale = Math.min(right > left ? across : Infinity, high > low ? up : Infinity);
  const factor = Number.isFinite(scale) ? scale : 0;
  const [middleX, middleY] = [(left + right) / 2, (low + high) / 2];
  return points.map((value, at) => (at % 2 === 0 ? width / 2 + (value - middleX) * factor : height / 2 - (value - middleY) * factor));
}

/** The point nearest to a place, no further than `reach`. */
export function nearest(places: Float32Array, x: number, y: number, reach: number): number | undefined {
  let best: number | undefined;
  let least = reach * reach;
  for (let at = 0; at < places.length; at += 2) {
    const distance = ((places[at] ?? 0) - x) ** 2 + ((places[at + 1] ?? 0) - y) ** 2;
    if (distance > least) continue;
    least = distance;
    best = at / 2;
  }
  return best;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

const WAYS: Readonly<Record<Direction, readonly [number, number]>> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

/** The next point in a direction: near, and not far aside. */
export function towards(places: Float32Array, from: number, direction: Direction): number | undefined {
  const [wayX, wayY] = WAYS[direction];
  const [x, y] = [places[2 * from] ?? 0, places[2 * from + 1] ?? 0];
  let best: number | undefined;
  let least = Infinity;
  for (let at = 0; at < places.length; at += 2) {
    const [across, down] = [(places[at] ?? 0) - x, (places[at + 1] ?? 0) - y];
    const ahead = across * wayX + down * wayY;
    const aside = Math.abs(across * wayY - down * wayX);
    const cost = ahead + 2 * aside;
    if (at / 2 === from || ahead <= 0 || aside > 2 * ahead || cost >= least) continue;
    least = cost;
    best = at / 2;
  }
  return best;
}
