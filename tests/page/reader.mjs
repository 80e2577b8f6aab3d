// A reader in front of the page: a tab of a headless Chromium, and what went wrong in it.
import { mkdirSync } from 'node:fs';

import { launch } from '../wasm/chromium.mjs';
import { dist, pictures } from './built.mjs';
import { servePage } from './served.mjs';

/** Starts server and browser; `tab()` gives a tab with the page in it. */
export async function readers(options) {
  return readersOf(await servePage(dist, options));
}

/** The same in front of a server that runs already. */
export async function readersOf(server) {
  const browser = await launch();
  const faults = [];
  const hosts = new Set();
  const tab = async (context = {}, path = '') => {
    const page = await browser.newPage({ viewport: { width: 1100, height: 800 }, colorScheme: 'light', ...context });
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && !isExpected(message) && faults.push(message.text()));
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(`${server.address}/${path}`);
    await page.getByRole('heading', { level: 1 }).or(page.getByRole('heading', { level: 2 })).first().waitFor();
    return page;
  };
  const close = async () => {
    await browser.close();
    await server.close();
  };
  return { server, browser, tab, close, faults, hosts };
}

/** Chromium writes of every answer that is not a good one; that a plain host has no `/health` is how the page knows. */
function isExpected(message) {
  return message.location().url.endsWith('/health') || /status of 4\d\d/.test(message.text());
}

/** Opens a file as a reader does who chooses it. */
export async function openFile(page, file) {
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('navigation', { name: 'Backup' }).waitFor();
}

/** Keeps a picture of the whole page. */
export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
}

/** From now on clicks whatever cancels, the moment it is there: before the work behind it can be done. */
export async function cancelAtOnce(page) {
  await page.evaluate(() => {
    const look = () => [...document.querySelectorAll('button')].find((button) => button.textContent === 'Cancel')?.click();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
}

/** What has the keyboard, by its text or its name; empty where nothing has it. */
export const focused = (page) => page.evaluate(() => {
  const { activeElement: element } = document;
  return element === document.body ? '' : (element.getAttribute('aria-label') ?? element.textContent);
});

/** Waits until the page's live region has said this. */
export async function announced(page, pattern) {
  await page.locator('#announcements').filter({ hasText: pattern }).waitFor({ state: 'attached' });
}

/** Goes to a view of the open file by its tab. */
export async function goTo(page, tab) {
  await page.getByRole('navigation', { name: 'Backup' }).getByRole('link', { name: tab }).click();
}
