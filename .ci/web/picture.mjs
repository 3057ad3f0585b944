// Takes the pictures of docs/: the first cause of a report from its sentence to its messages, and these messages on a
// phone; and of a second report, with several verdicts, the top in dark colours. (Those in docs/ have 64 colours.)
// node picture.mjs REPORT.HTML SECOND-REPORT.HTML FOLDER
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, open } from './browser.mjs';

const AIR = 12; // pixels around it

const [one, several, folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: picture.mjs REPORT.HTML SECOND-REPORT.HTML FOLDER');
mkdirSync(folder, { recursive: true });
const browser = await launch();

// From the top of one element to the bottom of another, and not further than `most`.
async function take(name, file, settings, from, to, most = Infinity) {
  const { page, close } = await open(browser, pathToFileURL(resolve(file)).href, settings);
  const { top, bottom } = await page.evaluate(([first, last]) => {
    const place = (selector, at) => Array.from(document.querySelectorAll(selector)).at(at).getBoundingClientRect();
    return { top: place(first, 0).top + window.scrollY, bottom: place(last, -1).bottom + window.scrollY };
  }, [from, to]);
  const { width } = page.viewportSize();
  const y = Math.max(0, top - AIR);
  const clip = { x: 0, y, width, height: Math.min(bottom + AIR - y, most) };
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, clip });
  await close();
}

await take('report', one, { viewport: { width: 1100, height: 900 } }, '#cause-1', '#cause-1 tr.marked');
await take('report-dark', several, { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }, 'header', '#cause-1 .timeline', 1_000);
await take('report-phone', one, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1 }, '#cause-1 .exchange', '#cause-1 tr.marked', 1_100);
await browser.close();
