// Shows that the checks of inspect.mjs can fail: damages a good report in one way at a time, and expects the
// check for it to say so.
// node pages-selftest.mjs REPORT.HTML FOLDER
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { launch } from './browser.mjs';
import { inspect } from './inspect.mjs';

const AT_ONCE = 4;

const [file, folder] = process.argv.slice(2);
if (!file || !folder) throw new Error('usage: pages-selftest.mjs REPORT.HTML FOLDER');
const sound = readFileSync(file, 'utf8');

function replace(text, from, to) {
  if (!text.includes(from)) throw new Error(`the report has no ${from}`);
  return text.replace(from, () => to);
}
// The page's own policy would stop most of these, so they are tested without it.
const open = replace(sound, sound.match(/<meta http-equiv="Content-Security-Policy"[^>]*>/)[0], '');
const style = (rules) => replace(open, '</style>', `${rules}</style>`);
const body = (markup) => replace(open, '<footer>', `${markup}<footer>`);

// What is damaged → the page, and the text of the check that must find it.
const faults = {
  'a script that throws': [body('<script>throw new Error("on purpose")</script>'), 'page error: on purpose'],
  'an error on the console': [body('<script>console.error("on purpose")</script>'), 'console: on purpose'],
  'a picture of another host': [body('<img alt="" src="http://example.invalid/x.png">'), 'request: http://example.invalid/x.png'],
  'a style of another host': [replace(open, '<style>', '<link rel="stylesheet" href="https://example.invalid/x.css"><style>'), 'request: https://example.invalid/x.css'],
  'a script that asks another host': [body('<script>fetch("http://example.invalid/")</script>'), 'request: http://example.invalid/'],
  'a picture that the policy stops': [replace(sound, '<footer>', '<img alt="" src="http://example.invalid/x.png"><footer>'), 'console: '],
  'a style that the policy does not know': [replace(sound, '</style>', 'p{margin:0}</style>'), 'console: '],
  'no policy': [open, 'parts: no policy'],
  "a server's </script>, not escaped": [body('<p></script><script>document.title="x"</script></p>'), 'parts: 2 <script>'],
  "a server's picture, not escaped": [body('<p><img alt="" src="data:," onerror="1"></p>'), 'parts: onerror='],
  "a server's link, not escaped": [body('<p><a href="javascript:alert(1)">here</a></p>'), 'parts: <a href="javascript:'],
  'a link to nowhere': [replace(open, 'href="#requirements"', 'href="#requirement"'), 'links: "Requirements by feature" leads to #requirement,'],
  'an id that is there twice': [body('<p id="requirements"></p>'), 'links: 1 ids'],
  'pale text': [style('footer p{color:#aaa}'), 'accessible in light: color-contrast'],
  'dark text in the dark': [style('@media (prefers-color-scheme: dark){footer p{color:#444}}'), 'accessible in dark: color-contrast'],
  'a picture without words': [replace(open, 'role="img" aria-label="', 'role="img" title="" data-label="'), 'accessible in light: role-img-alt'],
  'no language': [replace(open, '<html lang="en">', '<html>'), 'accessible in light: html-has-lang'],
  'a text that only the script writes': [body('<p id="late"></p><script>late.textContent="late"</script>'), 'without script: only with it: late'],
  'a text that the script takes away': [body('<p id="late">late</p><script>late.remove()</script>'), 'without script: only without it: late'],
  'a search that finds nothing': [replace(open, 'row.hidden = !', 'row.hidden = '), 'search: '],
  'a search without a box': [replace(open, '.hidden = false', '.hidden = true'), 'search: there is no box'],
  'a file that is not there': [body('<a href="transcripts/999-none.jsonl">gone</a>'), 'links: there is no '],
  'a link to another folder': [body('<a href="../secret.json">up</a>'), 'parts: <a href="../secret.json">'],
  'a filter that shows too much': [style('.requirement.passed{display:grid !important}'), 'filters: '],
  'a verdict that the style sheet does not filter': [replace(open, '.requirement:not(.failed)', '.nothing'), 'filters without script: '],
  'a permalink to what is folded': [replace(open, 'it.open = true', 'it.open = false'), 'permalinks: '],
  'a button that copies something else': [replace(open, 'writeText(text.textContent)', 'writeText("")'), 'copies: '],
  'a line that is too wide': [body('<p style="width: 1000px">wide</p>'), 'width: '],
  'no skip link': [replace(open, 'class="skip"', 'class="skip" tabindex="-1"'), 'keyboard: the first Tab'],
  'a fold that Tab passes by': [replace(open, '<summary>', '<summary tabindex="-1">'), 'keyboard: Tab does not come to <summary'],
  'a link that does not show that one is there': [style('nav a:focus-visible{outline:none}'), 'keyboard: one does not see'],
  'too much of it': [replace(sound, '<footer>', `<!--${'x'.repeat(2_000_000)}--><footer>`), 'size: '],
};

mkdirSync(folder, { recursive: true });
// The page leads to the files beside it.
cpSync(dirname(resolve(file)), folder, { recursive: true });
const browser = await launch();
const write = (name, page) => {
  const path = resolve(folder, `${name}.html`);
  writeFileSync(path, page);
  return path;
};
const missed = [];
const falsely = await inspect(browser, write('sound', sound));
if (falsely.length > 0) missed.push(`the sound page is called wrong: ${falsely.join('; ')}`);
const waiting = Object.entries(faults).entries();
const work = async () => {
  for (const [at, [name, [page, words]]] of waiting) {
    const problems = await inspect(browser, write(at + 1, page));
    if (!problems.some((it) => it.startsWith(words))) {
      missed.push(`${name}: nothing says "${words}", only: ${problems.join('; ') || 'nothing'}`);
    }
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, work));
await browser.close();
for (const it of missed) console.log(`MISSED  ${it}`);
console.log(`${Object.keys(faults).length} damaged pages, ${missed.length} not found`);
process.exit(missed.length === 0 ? 0 : 1);
