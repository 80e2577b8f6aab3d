/** Groups differ by shape and by colour. */

const CORNERS: readonly (readonly (readonly [number, number])[] | undefined)[] = [
  undefined,
  [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]],
  [[0, -1.1], [1, 0.75], [-1, 0.75]],
  [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
  [[0, 1.1], [1, -0.75], [-1, -0.75]],
];

/** An SVG path of a group's shape around the origin; it can be drawn on a canvas too. */
export function shapePath(group: number, radius: number): string {
  const corners = CORNERS[group % CORNERS.length];
  if (corners) return `M${corners.map(([x, y]) => `${x * radius} ${y * radius}`).join('L')}Z`;
  return `M${-radius} 0a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0Z`;
}
