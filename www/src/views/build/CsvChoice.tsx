/** Which columns of a CSV are the id, the vector and the metadata. */
import { useId } from 'preact/hooks';

import type { CsvColumns } from '../../worker/building.ts';

interface Props {
  readonly columns: readonly string[];
  readonly chosen: CsvColumns;
  readonly onChoose: (chosen: CsvColumns) => void;
}

export function CsvChoice({ columns, chosen, onChoose }: Props) {
  const id = useId();
  const isSpread = chosen.vector.length !== 1;
  const [first, last] = [chosen.vector[0] ?? columns[0] ?? '', chosen.vector.at(-1) ?? columns.at(-1) ?? ''];
  const spread = (from: string, to: string) => {
    const [start, end] = [columns.indexOf(from), columns.indexOf(to)].sort((one, other) => one - other);
    onChoose({ ...chosen, vector: columns.slice(start, (end ?? 0) + 1) });
  };
  return (
    <div class="fields">
      <Select id={`${id}-id`} label="Id" value={chosen.id ?? ''} options={columns} none="Number the rows" onChoose={(name) => onChoose({ ...chosen, id: name || undefined })} />
      <Select
        id={`${id}-vector`}
        label="Vector"
        value={isSpread ? '' : (chosen.vector[0] ?? '')}
        options={columns}
        none="Several columns, a number each"
        onChoose={(name) => (name ? onChoose({ ...chosen, vector: [name] }) : spread(columns[0] ?? '', columns.at(-1) ?? ''))}
      />
      {isSpread && (
        <>
          <Select id={`${id}-from`} label="From" value={first} options={columns} onChoose={(name) => spread(name, last)} />
          <Select id={`${id}-to`} label="To" value={last} options={columns} onChoose={(name) => spread(first, name)} />
        </>
      )}
      <Select id={`${id}-metadata`} label="Metadata" value={chosen.metadata ?? ''} options={columns} none="All other columns" onChoose={(name) => onChoose({ ...chosen, metadata: name || undefined })} />
      {chosen.metadata === undefined && (
        <label class="pick">
          <input type="checkbox" checked={!chosen.textOnly} onChange={(event) => onChoose({ ...chosen, textOnly: !event.currentTarget.checked })} />
          <span>Numbers, true and false as such; all else as text</span>
        </label>
      )}
    </div>
  );
}

interface SelectProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  /** What choosing no column means. */
  readonly none?: string;
  readonly onChoose: (name: string) => void;
}

function Select({ id, label, value, options, none, onChoose }: SelectProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {options.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
    </div>
  );
}
