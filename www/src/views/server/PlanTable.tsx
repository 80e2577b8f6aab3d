import { useState } from 'preact/hooks';

import type { RestoreStep } from '../../server/types.ts';
import { Badge, type Tone } from '../../ui/Badge.tsx';
import { choose } from '../../ui/chosen.ts';
import { number } from '../../ui/format.ts';

const ACTIONS: Readonly<Record<RestoreStep['action'], readonly [string, Tone]>> = {
  create: ['Created', 'good'],
  replace: ['Replaced', 'warn'],
  same: ['Already the same', 'plain'],
};

/** How many are shown at once, those that are replaced first. */
const AT_ONCE = 200;

interface Props {
  readonly steps: readonly RestoreStep[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

/** What a restore would do to each collection, and which are chosen. */
export function PlanTable({ steps, chosen, onChoose }: Props) {
  const [shown, setShown] = useState(AT_ONCE);
  const rank = ({ action }: RestoreStep) => ['replace', 'create', 'same'].indexOf(action);
  const sorted = [...steps].sort((one, other) => rank(one) - rank(other));
  const toggle = (name: string, is: boolean) => onChoose(choose(chosen, name, is));
  return (
    <div class="table-frame cards">
      <table class="plan">
        <thead>
          <tr>
            <th scope="col">Collection</th>
            <th scope="col">Would be</th>
            <th scope="col" class="number">Records now</th>
            <th scope="col" class="number">Afterwards</th>
            <th scope="col">Config</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, shown).map((step) => {
            const is = chosen.has(step.name);
            const [word, tone] = ACTIONS[step.action];
            return (
              <tr key={step.name} class={is ? undefined : 'off'}>
                <th scope="row">
                  <label class="pick">
                    <input type="checkbox" checked={is} onChange={(event) => toggle(step.name, event.currentTarget.checked)} />
                    <span>{step.restored_as}</span>
                  </label>
                </th>
                <td data-label="Would be">{is ? <Badge tone={tone}>{word}</Badge> : <span class="muted">Left alone</span>}</td>
                <td data-label="Records now" class="number">{step.live ? number(step.live.count) : '—'}</td>
                <td data-label="Afterwards" class="number">{is ? number(step.count) : step.live ? number(step.live.count) : '—'}</td>
                <td data-label="Config">{is && step.config_changes.length > 0 ? step.config_changes.join(', ') : <span class="muted">as it is</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {shown < steps.length && <p class="table-more"><button type="button" class="quiet small" onClick={() => setShown(shown + AT_ONCE)}>Show more of {number(steps.length)}</button></p>}
    </div>
  );
}
