import { build, diffBackups, open } from 'vecvault';

await open(7); // wrong
await open({ size: 3 }); // wrong
const backup = await open(new Blob());
await backup.page(1); // wrong
backup.info.name = 'x'; // wrong
build({ collections: [] }); // wrong
build({ name: 'n', collections: [{ name: 'c' }] }); // wrong
const batches = [{ ids: ['a'], vectors: [1, 2] }];
build({ name: 'n', collections: [{ name: 'c', config: '{}', batches }] }); // wrong
diffBackups(backup, new Blob()); // wrong
await backup.projection('docs', { sample: '9' }); // wrong
