// Starts the machine's Chromium, headless. It can load nothing but the page itself, because no name is
// resolved and the browser's own services are switched off.
import { chromium } from 'playwright-core';
import { existsSync } from 'node:fs';

export function launch() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} is not there: install Debian's package chromium, or set CHROMIUM`);
  }
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
      '--disable-background-networking', '--disable-component-update',
      '--host-resolver-rules=MAP * ~NOTFOUND',
    ],
  });
}

// Opens a page in a window of its own, and collects what a report must not do: errors, messages on the
// console, and requests for anything but the file itself.
export async function open(browser, url, settings = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...settings });
  const page = await context.newPage();
  const misdeeds = [];
  page.on('pageerror', (error) => misdeeds.push(['page error', error.message]));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) misdeeds.push(['console', message.text()]);
  });
  context.on('request', (request) => {
    const to = request.url();
    if (to !== url && !to.startsWith('data:')) misdeeds.push(['request', to]);
  });
  await page.goto(url, { waitUntil: 'load' });
  return { page, misdeeds, close: () => context.close() };
}
