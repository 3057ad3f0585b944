// Takes the README's picture: the first cause of a report, from its sentence to its messages.
// node picture.mjs REPORT.HTML PICTURE.PNG
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, open } from './browser.mjs';

const [file, picture] = process.argv.slice(2);
const browser = await launch();
const { page } = await open(browser, pathToFileURL(resolve(file)).href, { viewport: { width: 1100, height: 900 } });
const { top, bottom } = await page.evaluate(() => {
  const cause = document.querySelector('#cause-1').getBoundingClientRect();
  // Down to the last marked message.
  const marked = Array.from(document.querySelectorAll('#cause-1 tr.marked')).at(-1).getBoundingClientRect();
  return { top: cause.top + window.scrollY - 12, bottom: marked.bottom + window.scrollY + 12 };
});
await page.screenshot({ path: picture, fullPage: true, clip: { x: 0, y: top, width: 1100, height: bottom - top } });
await browser.close();
