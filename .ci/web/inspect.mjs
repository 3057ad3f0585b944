// The checks of report.html. Each gets an opened page and returns what is wrong with it, as short texts;
// `inspect` adds the name of the check.
import axe from 'axe-core';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { open } from './browser.mjs';

const LARGEST = 2_000_000; // bytes
const WIDTHS = [320, 400, 1280]; // pixels
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const MOST = 5; // of the same kind are reported

// Returns everything that is wrong with this file, as texts that begin with the name of the check.
export async function inspect(browser, file) {
  const url = pathToFileURL(file).href;
  const problems = [];
  const tell = (check, found) => {
    found.slice(0, MOST).forEach((it) => problems.push(`${check}: ${it}`));
    if (found.length > MOST) problems.push(`${check}: and ${found.length - MOST} more`);
  };
  const size = statSync(file).size;
  if (size >= LARGEST) tell('size', [`${size} bytes`]);

  const visit = async (settings, checks) => {
    const { page, misdeeds, close } = await open(browser, url, settings);
    for (const [name, check] of Object.entries(checks)) tell(name, await check(page));
    // Late errors and blocked requests have been collected by now, too.
    await page.waitForTimeout(50);
    for (const [kind, text] of misdeeds.slice(0, MOST)) tell(kind, [text.slice(0, 300)]);
    await close();
  };
  const plain = await textWithoutScript(browser, url);
  const [light, dark] = [{ colorScheme: 'light' }, { colorScheme: 'dark' }];
  await visit(light, {
    parts, links, 'without script': (page) => withoutScriptTheSame(page, plain), search, filters, permalinks, width, print,
  });
  await visit({ ...light, javaScriptEnabled: false }, { unfold, 'filters without script': filters });
  await visit({ ...light, permissions: ['clipboard-read', 'clipboard-write'] }, { unfold, copies });
  // The keyboard comes last, because it changes the page.
  await visit(light, { unfold, 'accessible in light': accessible, keyboard });
  await visit(dark, { unfold, 'accessible in dark': accessible });
  return problems;
}

// Opens everything that is folded, so that the later checks see it.
async function unfold(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
  return [];
}

// One style and one script, nothing that loads or sends anything or runs by itself, and a policy that tells
// the browser the same.
function parts(page) {
  return page.evaluate(() => {
    const found = [];
    for (const [what, wanted] of [['script', 1], ['style', 1], ['h1', 1], ['main', 1]]) {
      const number = document.querySelectorAll(what).length;
      if (number !== wanted) found.push(`${number} <${what}> instead of ${wanted}`);
    }
    const alien = 'img, iframe, object, embed, form, base, audio, video, source, foreignObject, image, [src], [srcset], [style]';
    for (const it of document.querySelectorAll(alien)) found.push(it.outerHTML.slice(0, 120));
    for (const it of document.querySelectorAll('*')) {
      for (const { name, value } of it.attributes) {
        if (name.startsWith('on')) found.push(`${name}="${value.slice(0, 80)}"`);
      }
    }
    for (const it of document.querySelectorAll('link, a, use')) {
      const href = it.getAttribute('href') ?? it.getAttribute('xlink:href') ?? '';
      const beside = /^((transcripts|reproductions)\/[A-Za-z0-9][\w.-]*|junit\.xml|summary\.md|messages\.ndjson|(report|cucumber)\.json)$/;
      const allowed = it.localName === 'a' ? /^(#|https?:)/ : /^(#|data:,$)/;
      if (it.localName === 'a' && beside.test(href)) continue;
      if (!allowed.test(href)) found.push(`<${it.localName} href="${href.slice(0, 80)}">`);
    }
    const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]');
    if (!policy?.content.startsWith("default-src 'none';")) found.push('no policy');
    if (!document.documentElement.lang) found.push('no language');
    if (!document.title.trim()) found.push('no title');
    return found;
  });
}

// Every link within the page has a destination, and no two destinations have the same name. Every file that it
// leads to is there.
async function links(page) {
  const files = await page.evaluate(() => Array.from(document.querySelectorAll('a'), (it) => new URL(it.getAttribute('href'), location.href).href).filter((it) => it.startsWith('file:')));
  const own = await page.evaluate(() => location.href.split('#')[0]);
  const missing = new Set(files.map((it) => it.split('#')[0]).filter((it) => it !== own && !existsSync(fileURLToPath(it))));
  const within = await page.evaluate(() => {
    const found = [];
    const ids = Array.from(document.querySelectorAll('[id]'), (it) => it.id);
    const known = new Set(ids);
    if (known.size !== ids.length) found.push(`${ids.length - known.size} ids stand there twice`);
    for (const it of document.querySelectorAll('a[href^="#"]')) {
      const id = decodeURIComponent(it.getAttribute('href').slice(1));
      if (!known.has(id)) found.push(`"${it.textContent.trim().slice(0, 40)}" leads to #${id}, which is not there`);
    }
    return found;
  });
  return [...within, ...Array.from(missing, (it) => `there is no ${it}`)];
}

const visibleText = (page) => page.evaluate(() => {
  document.querySelectorAll('details').forEach((it) => { it.open = true; });
  return document.body.innerText.split('\n').map((it) => it.trim()).filter(Boolean);
});

async function textWithoutScript(browser, url) {
  const { page, close } = await open(browser, url, { javaScriptEnabled: false });
  const text = await visibleText(page);
  await close();
  return text;
}

// Without scripts the page has the same text, except for the search box and the buttons that copy.
async function withoutScriptTheSame(page, plain) {
  const search = await page.locator('.search').innerText().catch(() => '');
  const own = [search.trim(), 'Copy'];
  const text = (await visibleText(page)).filter((it) => !own.includes(it));
  const [more, less] = [new Set(text), new Set(plain)];
  const found = text.filter((it) => !less.has(it)).map((it) => `only with it: ${it.slice(0, 100)}`);
  found.push(...plain.filter((it) => !more.has(it)).map((it) => `only without it: ${it.slice(0, 100)}`));
  if (plain.length < 10) found.push(`there are ${plain.length} lines to read`);
  return found;
}

// The search shows the rows that have all words, says how many, and shows everything again when it is empty.
async function search(page) {
  const found = [];
  const box = page.locator('#search');
  if (!(await box.isVisible())) return ['there is no box to search with'];
  const rows = page.locator('.requirement');
  const all = await rows.count();
  const ids = await page.locator('.requirement .id').allTextContents();
  const shown = async () => {
    const visible = await rows.evaluateAll((them) => them.filter((it) => it.checkVisibility()).map((it) => it.innerText));
    return [visible, await page.locator('#found').innerText()];
  };
  const id = ids.at(-1) ?? '';
  await box.fill(id.toLowerCase());
  let [visible, said] = await shown();
  if (!visible.some((it) => it.includes(id))) found.push(`${id} is not found`);
  if (!visible.every((it) => it.toLowerCase().includes(id.toLowerCase()))) found.push(`other rows than those with ${id} stay`);
  if (said !== `${visible.length} of ${all}`) found.push(`it says "${said}" of ${visible.length} rows`);
  await box.fill('no requirement says this');
  [visible, said] = await shown();
  if (visible.length !== 0 || said !== `0 of ${all}`) found.push(`${visible.length} rows are found for nonsense: "${said}"`);
  await box.fill('');
  await unfold(page);
  const back = (await shown())[0].length;
  if (back !== all) found.push(`${back} of ${all} rows are back`);
  return found;
}

// Each verdict shows its requirements and no others, as many as it says; "all" shows everything again.
async function filters(page) {
  const found = [];
  const choices = await page.locator('input[name=show]').all();
  const visible = () => page.locator('.requirement').evaluateAll((them) => {
    for (const it of document.querySelectorAll('details')) it.open = true;
    return them.filter((it) => it.checkVisibility()).map((it) => it.className);
  });
  for (const choice of [...choices.slice(1), ...choices.slice(0, 1)]) {
    await choice.check();
    const verdict = await choice.getAttribute('value');
    const said = Number((await choice.locator('xpath=..').locator('strong').innerText()).trim());
    const shown = await visible();
    if (shown.length !== said) found.push(`${verdict}: ${shown.length} requirements instead of ${said}`);
    if (verdict === 'all') continue;
    if (!shown.every((it) => it.split(' ').includes(verdict))) found.push(`${verdict}: others are shown, too`);
    for (const other of ['failed', 'inconclusive', 'not-applicable']) {
      const section = page.locator(`#${other}`);
      const is = (await section.count()) > 0 && (await section.isVisible());
      if (is && other !== verdict) found.push(`${verdict}: the section ${other} is shown`);
    }
  }
  return found;
}

// A permalink leads to its place even where that is folded, or not among what was asked for.
async function permalinks(page) {
  const found = [];
  const ids = await page.locator('.permalink').evaluateAll((them) => them.map((it) => it.getAttribute('href').slice(1)));
  if (ids.length === 0) return ['there is none'];
  const last = page.locator('input[name=show]').last();
  const box = page.locator('#search');
  for (const id of ids) {
    await page.evaluate(() => { for (const it of document.querySelectorAll('details')) it.open = false; });
    if (await last.count()) await last.check();
    if (await box.isVisible()) await box.fill('no requirement says this');
    await page.evaluate((to) => { location.hash = to; }, id);
    await page.waitForFunction((of) => document.getElementById(of)?.checkVisibility(), id, { timeout: 2_000 })
      .catch(() => found.push(`#${id} stays hidden`));
    if (found.length > 2) break;
  }
  if (await box.isVisible()) await box.fill('');
  if (await last.count()) await page.locator('#show-all').check();
  return found;
}

// What a button copies is the text beside it.
async function copies(page) {
  const found = [];
  for (const button of await page.locator('.copy').all()) {
    if (!(await button.isVisible())) { found.push('a button is not shown'); continue; }
    const wanted = await button.locator('xpath=..').locator('code').textContent();
    await button.click();
    await page.waitForTimeout(20);
    const text = await page.evaluate(() => navigator.clipboard.readText());
    if (text !== wanted) found.push(`"${text.slice(0, 60)}" instead of "${wanted.slice(0, 60)}"`);
  }
  return found;
}

// No page is wider than its window, so that nobody has to scroll sideways.
async function width(page) {
  const found = [];
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const { scroll, client } = await page.evaluate(() => {
      const { scrollWidth: scroll, clientWidth: client } = document.documentElement;
      return { scroll, client };
    });
    if (scroll > client) found.push(`${scroll} pixels wide in a window of ${client}`);
  }
  await page.setViewportSize(before);
  return found;
}

async function print(page) {
  const pdf = await page.pdf({ format: 'A4' });
  return pdf.subarray(0, 5).toString() === '%PDF-' && pdf.length > 5_000 ? [] : [`${pdf.length} bytes`];
}

// Without a mouse: the skip link comes first, is visible, and works; then Tab reaches every link, every fold
// and the search box, and the focus is visible.
async function keyboard(page) {
  const found = [];
  await page.keyboard.press('Tab');
  const skip = await page.evaluate(() => {
    const it = document.activeElement;
    const { left, top } = it.getBoundingClientRect();
    return { is: it.matches('a.skip'), seen: left >= 0 && top >= 0, to: it.getAttribute('href') };
  });
  if (!skip.is || !skip.seen) found.push('the first Tab does not show the skip link');
  const wanted = await page.evaluate(() => {
    // Of several choices, Tab comes to the one that is chosen; the arrow keys go on from there.
    const all = Array.from(document.querySelectorAll('a[href], summary, button, input:not([type=radio]:not(:checked)), [tabindex="0"]'));
    window.reached = new Set();
    window.unseen = [];
    document.addEventListener('focusin', ({ target }) => {
      window.reached.add(target);
      const { outlineStyle, outlineWidth } = getComputedStyle(target);
      if (outlineStyle === 'none' || outlineWidth === '0px') window.unseen.push(target.outerHTML.slice(0, 120));
    });
    window.wanted = all.filter((it) => it.checkVisibility());
    window.reached.add(document.activeElement);
    return window.wanted.length;
  });
  // One Tab for each, and a few more for the browser itself.
  for (let press = 0; press < wanted + 5; press += 1) await page.keyboard.press('Tab');
  const { missed, unseen } = await page.evaluate(() => ({
    missed: window.wanted.filter((it) => !window.reached.has(it)).map((it) => it.outerHTML.slice(0, 120)),
    unseen: window.unseen,
  }));
  found.push(...missed.map((it) => `Tab does not come to ${it}`));
  found.push(...unseen.map((it) => `one does not see that one is at ${it}`));
  if (skip.is) {
    await page.locator('a.skip').focus();
    await page.keyboard.press('Enter');
    const hash = await page.evaluate(() => window.location.hash);
    if (hash !== skip.to) found.push('the skip link does not skip');
  }
  return found;
}

// Violations of WCAG A and AA that axe-core finds.
async function accessible(page) {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate((values) => window.axe.run(document, {
    runOnly: { type: 'tag', values }, resultTypes: ['violations'],
  }), RULES);
  // If no rule was applied, the check found nothing.
  const found = passes.some((it) => it.id === 'color-contrast') || violations.some((it) => it.id === 'color-contrast')
    ? [] : ['no contrast was checked'];
  for (const { id, help, nodes } of violations) {
    found.push(`${id} (${help}), ${nodes.length} times: ${nodes[0]?.html.slice(0, 160)}`);
  }
  return found;
}
