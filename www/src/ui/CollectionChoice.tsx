import { useId } from 'preact/hooks';

/** Which collection is looked at. */
export function CollectionChoice({ collections, chosen, onChoose }: { collections: readonly { name: string }[]; chosen: string; onChoose: (name: string) => void }) {
  const id = useId();
  return (
    <div class="collection-choice">
      <label for={id}>Collection</label>
      <select id={id} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {collections.map(({ name }) => <option key={name} value={name}>{name}</option>)}
      </select>
    </div>
  );
}
