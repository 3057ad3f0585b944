// Opens reports in Chromium: node pages.mjs SCREENS NAME=REPORT.HTML...
// Says what is wrong with each, and takes pictures for people below SCREENS. The exit code is 1 if anything
// is wrong.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, open } from './browser.mjs';
import { inspect } from './inspect.mjs';

const TALLEST = 8_000; // pixels; Chromium draws nothing beyond 16,384

async function pictures(browser, name, file, folder) {
  const url = pathToFileURL(file).href;
  const views = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { colorScheme: 'light', viewport: { width: 400, height: 900 } }],
  ];
  for (const [view, settings] of views) {
    const { page, close } = await open(browser, url, settings);
    const { width } = page.viewportSize();
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    const clip = { x: 0, y: 0, width, height: Math.min(tall, TALLEST) };
    await page.screenshot({ path: `${folder}/${name}-${view}.png`, fullPage: true, clip });
    if (view === 'light') await page.pdf({ path: `${folder}/${name}.pdf`, format: 'A4', printBackground: true });
    await close();
  }
}

const [folder, ...wanted] = process.argv.slice(2);
if (!folder || wanted.length === 0) throw new Error('usage: pages.mjs SCREENS NAME=REPORT.HTML...');
mkdirSync(folder, { recursive: true });
const browser = await launch();
let wrong = 0;
for (const pair of wanted) {
  const [name, file] = pair.split(/=(.*)/s);
  const problems = await inspect(browser, resolve(file));
  await pictures(browser, name, resolve(file), folder);
  console.log(`${problems.length === 0 ? 'sound' : 'WRONG'}  ${name}`);
  for (const problem of problems) console.log(`       ${problem}`);
  wrong += problems.length;
}
await browser.close();
process.exit(wrong === 0 ? 0 : 1);
