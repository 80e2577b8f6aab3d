/** The file from its first byte to its last: what has been read, and where the damage lies. */
import { useMemo, useState } from 'preact/hooks';
import type { Finding } from 'vecvault';

import { bytes, number, plural } from '../../ui/format.ts';
import type { OpenedBackup } from '../../worker/protocol.ts';
import { cellsOf, stretchesOf, type Cell } from './strip.ts';

const CELLS = 96;

interface Props {
  readonly size: number;
  readonly backup: OpenedBackup | undefined;
  readonly findings: readonly Finding[];
  /** How many bytes have been read; all of them once it is done. */
  readonly read: number;
  /** Whether what has been read and has no finding is known to be good. */
  readonly proven: boolean;
  readonly onSelect: (finding: Finding) => void;
}

export function FileStrip({ size, backup, findings, read, proven, onSelect }: Props) {
  const cells = useMemo(() => cellsOf(size, findings, CELLS), [size, findings]);
  const damaged = cells.flatMap((cell, index) => (cell.findings.length > 0 ? [index] : []));
  const [current, setCurrent] = useState(0);
  const onKeyDown = (event: KeyboardEvent) => {
    const here = damaged.indexOf(current);
    const targets: Record<string, number> = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: damaged.length - 1 };
    const target = targets[event.key];
    const index = target === undefined ? undefined : damaged[target];
    if (index === undefined) return;
    event.preventDefault();
    setCurrent(index);
    (event.currentTarget as Element).querySelector<HTMLElement>(`[data-cell="${index}"]`)?.focus();
  };
  const tabStop = damaged.includes(current) ? current : damaged[0];
  return (
    <div class="strip">
      <div class="strip-cells" role="group" aria-label="The file by its bytes; arrow keys go from damage to damage" onKeyDown={onKeyDown}>
        {cells.map((cell, index) =>
          cell.findings.length > 0 ? (
            <button
              key={index}
              type="button"
              class="cell bad"
              data-cell={index}
              tabIndex={index === tabStop ? 0 : -1}
              aria-label={labelOf(cell)}
              title={labelOf(cell)}
              onFocus={() => setCurrent(index)}
              onClick={() => cell.findings[0] && onSelect(cell.findings[0])}
            />
          ) : (
            <span key={index} class={`cell ${cell.end <= read ? (proven ? 'good' : 'read') : ''}`} />
          ),
        )}
      </div>
      {backup?.provenance.kind === 'indexed' && <Stretches backup={backup} />}
      <div class="strip-ends small muted numeric"><span>0</span><span>{bytes(size)}</span></div>
    </div>
  );
}

/** How many collections are drawn, and from which share of the file on: others would be hairlines. */
const DRAWN = 40;
const NARROWEST = 0.01;

function Stretches({ backup }: { backup: OpenedBackup }) {
  const stretches = useMemo(() => stretchesOf(backup).filter(({ from, to }) => to - from >= NARROWEST), [backup]);
  if (stretches.length > DRAWN) return null;
  return (
    <div class="strip-collections" aria-hidden="true">
      {stretches.map(({ name, from, to }) => (
        <span key={name} title={name} style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}>{name}</span>
      ))}
    </div>
  );
}

function labelOf({ start, end, findings }: Cell): string {
  return `${plural(findings.length, 'finding')} in bytes ${number(start)} to ${number(end - 1)}`;
}
