import { number, rough } from '../../ui/format.ts';
import type { Colouring } from './groups.ts';
import { shapePath } from './shapes.ts';

/** What the colours mean; a group can be looked at alone. */
export function Legend({ colouring, only, onOnly }: { colouring: Colouring; only: number | undefined; onOnly: (group: number | undefined) => void }) {
  if (colouring.kind === 'scale') {
    return (
      <div class="map-scale">
        <div class="map-scale-bar" aria-hidden="true" />
        <p class="small muted numeric"><span>{rough(colouring.least)}</span><span>{rough(colouring.greatest)}</span></p>
      </div>
    );
  }
  return (
    <ul class="legend">
      {colouring.names.map((name, group) => (
        <li key={name}>
          <button type="button" class="quiet" aria-pressed={only === group} onClick={() => onOnly(only === group ? undefined : group)}>
            <svg viewBox="-7 -7 14 14" width="12" height="12" aria-hidden="true" class={group < colouring.named ? `series-${group}` : 'series-rest'}><path d={shapePath(group, 5)} fill="currentColor" /></svg>
            <span class="legend-name">{name === '' ? 'empty text' : name}</span>
            <span class="muted numeric">{number(colouring.sizes[group] ?? 0)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
