/** A sample of a collection in two dimensions: near is alike. */
import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import type { CollectionSummary } from 'vecvault';

import { go } from '../../app/route.ts';
import { useStore } from '../../app/store.ts';
import { Tasks } from '../../app/task.ts';
import { TaskNote } from '../../app/TaskNote.tsx';
import { CollectionChoice } from '../../ui/CollectionChoice.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { number, share } from '../../ui/format.ts';
import type { Picture } from '../../worker/protocol.ts';
import type { BackupViewProps } from '../index.ts';
import { colouringBy } from './groups.ts';
import { Legend } from './Legend.tsx';
import { MapPlot } from './MapPlot.tsx';

/** How many records are drawn: fewer come sooner. */
const SAMPLES = [500, 2_000, 5_000];
const SAMPLE = 2_000;

const tasks = new Tasks('projection');

export default function MapView({ backup, query }: BackupViewProps) {
  const collection = backup.collections.find(({ name }) => name === query['collection']) ?? backup.collections[0];
  const sample = SAMPLES.find((size) => String(size) === query['sample']) ?? SAMPLE;
  if (!collection) {
    return (
      <Empty title="This backup holds no collections">
        <p>So there is nothing to draw.</p>
      </Empty>
    );
  }
  const show = (chosen: { collection?: string; sample?: number; colour?: string }) =>
    go('map', { collection: collection.name, sample, ...(chosen.collection === undefined && { colour: query['colour'] }), ...chosen }, { replace: true });
  return (
    <>
      <div class="view-head">
        <h1>Map</h1>
        <CollectionChoice collections={backup.collections} chosen={collection.name} onChoose={(name) => show({ collection: name })} />
        <SampleChoice chosen={sample} onChoose={(size) => show({ sample: size })} />
      </div>
      <OfCollection
        key={`${collection.name} ${sample}`}
        handle={backup.handle}
        collection={collection}
        sample={sample}
        colour={query['colour']}
        onColour={(colour) => show({ colour })}
      />
    </>
  );
}

function SampleChoice({ chosen, onChoose }: { chosen: number; onChoose: (size: number) => void }) {
  const id = useId();
  return (
    <div class="collection-choice">
      <label for={id}>Sample</label>
      <select id={id} value={chosen} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        {SAMPLES.map((size) => <option key={size} value={size}>{number(size)} records</option>)}
      </select>
    </div>
  );
}

interface Props {
  readonly handle: number;
  readonly collection: CollectionSummary;
  readonly sample: number;
  readonly colour: string | undefined;
  readonly onColour: (colour: string) => void;
}

function OfCollection({ handle, collection, sample, colour, onColour }: Props) {
  const { name, count } = collection;
  const task = tasks.of(`${sample} ${name}`);
  const current = useStore(task);
  const start = () => void task.start({ handle, collection: name, sample });
  useEffect(() => {
    if (task.value.state === 'none' && count > 0) start();
  }, [task]);
  if (count === 0) {
    return (
      <Empty title="No records">
        <p>This collection was empty when the backup was made.</p>
      </Empty>
    );
  }
  if (current.state === 'done') return <Drawn collection={name} picture={current.value} colour={colour} onColour={onColour} />;
  return <TaskNote task={current} doing={`Reading a sample of ${name}`} ask="Draw a sample" onStart={start} onCancel={() => task.cancel()} />;
}

function Drawn({ collection, picture, colour, onColour }: { collection: string; picture: Picture; colour: string | undefined; onColour: (colour: string) => void }) {
  const id = useId();
  const { ids, fields, explained, total } = picture;
  const field = colour === '' ? undefined : (fields.find(({ key }) => key === colour) ?? fields[0]);
  const colouring = useMemo(() => colouringBy(field, ids.length), [field, ids]);
  const [only, setOnly] = useState<number>();
  useEffect(() => setOnly(undefined), [field]);
  const openRecord = (point: number) => go('records', { collection, at: (picture.positions[point] ?? 0) + 1 });
  return (
    <>
      <p class="lead numeric">
        {number(ids.length)} of {number(total)} records by their two principal components, which hold {share(explained.x + explained.y)} of what tells
        these vectors apart.
      </p>
      <div class="map">
        <MapPlot picture={picture} field={field} colouring={colouring} only={only} onOpen={openRecord} />
        <div class="map-side">
          <label for={id}>Colour by</label>
          <select id={id} value={field?.key ?? ''} disabled={fields.length === 0} onChange={(event) => onColour(event.currentTarget.value)}>
            <option value="">nothing</option>
            {fields.map(({ key }) => <option key={key} value={key}>{key}</option>)}
          </select>
          {fields.length === 0 && <p class="small muted">These records have no metadata with values that are told apart.</p>}
          <Legend colouring={colouring} only={only} onOnly={setOnly} />
        </div>
      </div>
    </>
  );
}
