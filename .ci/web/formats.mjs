// Reads the machine-readable reports of a run with the tools that are made for them:
// node formats.mjs OUT NAME=REPORT-DIR...
// messages.ndjson against the schema of @cucumber/messages, rendered by @cucumber/html-formatter, and printed by
// @cucumber/pretty-formatter;
// cucumber.json rendered by multiple-cucumber-html-reporter; both pages are opened in Chromium. The
// counts of these tools must be those of junit.xml.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { finished } from 'node:stream/promises';
import Ajv from 'ajv/dist/2020.js';
import { CucumberHtmlStream } from '@cucumber/html-formatter';
import { PrettyPrinter } from '@cucumber/pretty-formatter';
import cucumberReporter from 'multiple-cucumber-html-reporter';
import { launch, open } from './browser.mjs';

// The package does not export its schema by name.
const schemaFile = new URL('node_modules/@cucumber/messages/messages.schema.json', import.meta.url);
const schema = JSON.parse(readFileSync(schemaFile, 'utf8'));
const isMessage = new Ajv({ strict: false, allErrors: true }).compile(schema);

const envelopes = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));

// Returns what is wrong with these messages: by the schema, and ids that do not exist, which it cannot check.
function wrongMessages(text) {
  const found = [];
  const known = new Set();
  const refer = (id, what) => { if (!known.has(id)) found.push(`${what} ${id} was not announced before`); };
  for (const envelope of envelopes(text)) {
    if (!isMessage(envelope)) found.push(JSON.stringify(isMessage.errors.slice(0, 2)));
    const { pickle, testCase, testCaseStarted, testStepFinished } = envelope;
    if (pickle) { known.add(pickle.id); pickle.steps.forEach((it) => known.add(it.id)); }
    if (testCase) {
      known.add(testCase.id);
      refer(testCase.pickleId, 'pickle');
      testCase.testSteps.forEach((it) => { refer(it.pickleStepId, 'step'); known.add(it.id); });
    }
    if (testCaseStarted) { refer(testCaseStarted.testCaseId, 'case'); known.add(testCaseStarted.id); }
    if (testStepFinished) { refer(testStepFinished.testStepId, 'step'); refer(testStepFinished.testCaseStartedId, 'attempt'); }
  }
  return found;
}

async function renderMessages(text, file) {
  const out = createWriteStream(file);
  const stream = new CucumberHtmlStream();
  stream.pipe(out);
  for (const envelope of envelopes(text)) stream.write(envelope);
  stream.end();
  await finished(out);
}

// What is printed on a terminal: each transcript by its name, and no line of any.
function wrongPrint(text) {
  const found = [];
  const printed = [];
  const stream = new Writable({ write: (chunk, _, done) => { printed.push(chunk.toString()); done(); } });
  const printer = new PrettyPrinter({ stream });
  for (const envelope of envelopes(text)) printer.update(envelope);
  const lines = printed.join('').split('\n');
  const attachments = envelopes(text).map((it) => it.attachment).filter(Boolean);
  const named = lines.filter((it) => it.includes('Embedding ')).length;
  if (named !== attachments.length) found.push(`${named} of ${attachments.length} transcripts are named`);
  const bodies = new Set(attachments.flatMap(({ body, contentEncoding }) => (
    contentEncoding === 'BASE64' ? Buffer.from(body, 'base64').toString() : body
  ).split('\n')).map((it) => it.trim()).filter(Boolean));
  const dumped = lines.filter((it) => bodies.has(it.trim())).length;
  if (dumped > 0) found.push(`${dumped} lines of transcripts are printed`);
  return found.map((it) => `pretty: ${it}`);
}

// Renders it, and returns the tool's counts.
function renderCucumber(file, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(`${folder}/in`, { recursive: true });
  cpSync(file, `${folder}/in/cucumber.json`);
  cucumberReporter.generate({
    jsonDir: `${folder}/in`, reportPath: folder, saveCollectedJSON: true, disableLog: true, displayDuration: true,
  });
  return JSON.parse(readFileSync(`${folder}/enriched-output.json`, 'utf8')).scenarios;
}

// Messages: the result of each scenario, by its worst step.
function countMessages(text) {
  const worst = new Map();
  const order = ['PASSED', 'SKIPPED', 'PENDING', 'FAILED'];
  for (const { testCaseStarted, testStepFinished } of envelopes(text)) {
    if (testCaseStarted) worst.set(testCaseStarted.id, 0);
    if (!testStepFinished) continue;
    const id = testStepFinished.testCaseStartedId;
    worst.set(id, Math.max(worst.get(id), order.indexOf(testStepFinished.testStepResult.status)));
  }
  return Array.from(worst.values()).filter((it) => order[it] === 'FAILED').length;
}

// The failures of the scenarios, without those of the list of known failures and of the suite itself.
function countJunit(xml) {
  const cases = xml.split('<testcase ').slice(1).filter((it) => !/classname="(known failures|reconnect-acceptance)"/.test(it));
  return { all: cases.length, failed: cases.filter((it) => it.includes('<failure')).length };
}

// Opens a rendered page, and returns what went wrong in it.
async function opened(browser, file, selector) {
  const { page, misdeeds, close } = await open(browser, pathToFileURL(file).href);
  await page.waitForSelector(selector, { state: 'attached', timeout: 10_000 }).catch(() => misdeeds.push(['nothing is shown', selector]));
  const found = misdeeds.filter(([kind, text]) => kind !== 'request' || !text.startsWith('file:')).map((it) => it.join(': '));
  if ((await page.title()) === 'run by the server') found.push('a script of the server ran');
  await close();
  return found;
}

async function check(browser, dir, out, isHostile = false) {
  mkdirSync(out, { recursive: true });
  const messages = readFileSync(`${dir}/messages.ndjson`, 'utf8');
  const found = wrongMessages(messages).slice(0, 5);
  found.push(...wrongPrint(messages));
  await renderMessages(messages, `${out}/messages.html`);
  found.push(...(await opened(browser, `${out}/messages.html`, '#content *')).map((it) => `messages: ${it}`));
  const counted = renderCucumber(`${dir}/cucumber.json`, `${out}/cucumber`);
  found.push(...(await opened(browser, `${out}/cucumber/index.html`, 'table')).map((it) => `cucumber: ${it}`));
  // Every page, because the texts are those of a hostile server.
  for (const page of isHostile ? readdirSync(`${out}/cucumber/features`) : []) {
    found.push(...(await opened(browser, `${out}/cucumber/features/${page}`, '.scenario-step-container')).map((it) => `cucumber, ${page}: ${it}`));
  }
  const junit = countJunit(readFileSync(`${dir}/junit.xml`, 'utf8'));
  const failed = countMessages(messages);
  if (counted.total !== junit.all || counted.failed !== junit.failed || failed !== junit.failed) {
    found.push(`failed: ${junit.failed} of ${junit.all} in junit.xml, ${counted.failed} of ${counted.total} in cucumber.json, ${failed} in messages.ndjson`);
  }
  return found;
}

// The checks above must be able to fail: each of these must be reported.
async function selfTest(browser, dir, out) {
  const missed = [];
  const messages = readFileSync(`${dir}/messages.ndjson`, 'utf8');
  const change = (from, to) => messages.replace(from, () => to);
  for (const [name, text] of [
    ['a status that there is not', change('"status":"PASSED"', '"status":"GREEN"')],
    ['a field that is missing', change('"protocolVersion"', '"version"')],
    ['a step of nobody', change(/"pickleStepId":"[^"]*"/, '"pickleStepId":"nobody"')],
  ]) if (text === messages || wrongMessages(text).length === 0) missed.push(name);
  const plain = envelopes(messages).map((it) => {
    if (it.attachment) Object.assign(it.attachment, { body: Buffer.from(it.attachment.body, 'base64').toString(), contentEncoding: 'IDENTITY' });
    return JSON.stringify(it);
  });
  if (!wrongPrint(plain.join('\n')).some((it) => it.includes('lines of transcripts'))) missed.push('transcripts that are printed');
  const copy = resolve(out, 'red');
  cpSync(dir, copy, { recursive: true });
  const cucumber = readFileSync(`${copy}/cucumber.json`, 'utf8');
  writeFileSync(`${copy}/cucumber.json`, cucumber.replaceAll('"failed"', '"passed"'));
  if (!(await check(browser, copy, resolve(out, 'green'))).some((it) => it.startsWith('failed:'))) missed.push('a green cucumber.json of a red run');
  return missed.map((it) => `not detected: ${it}`);
}

const [out, ...wanted] = process.argv.slice(2);
if (!out || wanted.length === 0) throw new Error('usage: formats.mjs OUT NAME=REPORT-DIR...');
const browser = await launch();
let wrong = 0;
const tell = (name, found) => {
  console.log(`${found.length === 0 ? 'sound' : 'WRONG'}  ${name}`);
  for (const it of found) console.log(`       ${it}`);
  wrong += found.length;
};
for (const pair of wanted) {
  const [name, dir] = pair.split(/=(.*)/s);
  if (name === 'selftest') tell(name, await selfTest(browser, resolve(dir), resolve(out, name)));
  else tell(name, await check(browser, resolve(dir), resolve(out, name), name === 'hostile'));
}
await browser.close();
process.exit(wrong === 0 ? 0 : 1);
