import { render } from 'preact';

import { App } from './app/App.tsx';
import { applyTheme } from './app/theme.ts';
import { call } from './worker/client.ts';
import { findServer } from './server/session.ts';

applyTheme();
// The core loads while the first view is drawn. Where it does not, the first call says so.
call('warm', {}).catch(() => {});
void findServer();
const root = document.getElementById('app');
if (root) render(<App />, root);
