// A demo of its own, a browser, and visitors: what the browser tests stand on. Start reading at `open`.
// It starts the built program in a temporary folder and ends what it started, by process id. What the demo logged is
// scanned when it ends. What is looked for on a screen is in looks.mjs.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = process.env.RECARGA_BIN ?? join(root, 'target/debug/recarga')
// Where pictures of all screens go, if somebody wants to see them.
const screens = process.env.RECARGA_TEST_SCREENS
const updatePictures = process.env.UPDATE_SCREENSHOTS === '1'
const LOGGED = 'info,flows=debug,web=debug,gateways=debug,store=debug,recarga=debug'

export const LOCALES = ['en', 'zh-CN']
export const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } }

/** Each language on each device, with and without JavaScript. */
export const WAYS = LOCALES.flatMap((locale) =>
  Object.keys(SIZES).flatMap((size) => [true, false].map((script) => ({ locale, size, script }))))
/** Four of them in which each two of language, device and JavaScript come together. */
export const PAIRS = [
  { locale: 'en', size: 'phone', script: true },
  { locale: 'en', size: 'desktop', script: false },
  { locale: 'zh-CN', size: 'phone', script: false },
  { locale: 'zh-CN', size: 'desktop', script: true },
]
export const told = ({ locale, size, script }) => `in ${locale}, on a ${size}, ${script ? 'with' : 'without'} JavaScript`

const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Asks until the answer is truthy, and says what it waited for when the time is up. */
export async function until(what, ask, milliseconds = 30_000) {
  const deadline = Date.now() + milliseconds
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > deadline) assert.fail(`waited ${milliseconds / 1000} s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The demo and a browser. `close` ends both. */
export async function open({ pastDays = 0 } = {}) {
  const world = await startDemo(String(pastDays))
  try {
    const browser = await startBrowser()
    return {
      ...world,
      browser,
      visitor: (options) => visitor(browser, world, options),
      close: async () => {
        await browser.close()
        await world.stop()
      },
    }
  } catch (error) {
    await world.stop()
    throw error
  }
}

async function startDemo(past) {
  assert.ok(existsSync(program), `${program} is missing: build it with cargo build --bin recarga`)
  const data = await mkdtemp(join(tmpdir(), 'recarga-browser-'))
  const log = newLog()
  // A process group of its own, so that the demo's children can be ended with it.
  const child = spawn(program, ['demo', '--listen', '127.0.0.1:0', '--past', past, '--log', LOGGED, '--data', data], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', log.file],
  })
  closeSync(log.file)
  // Should the tests be stopped half-way, the demo goes with them.
  const endGroup = () => endProcess(-child.pid)
  process.once('exit', endGroup)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output = (output + text).slice(-20_000)
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      const late = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 10_000)
      await ended
      clearTimeout(late)
    }
    process.off('exit', endGroup)
    const secrets = await secretsOf(data)
    await rm(data, { recursive: true, force: true })
    return secrets
  }
  try {
    const said = await until('the demo to start', async () => {
      if (child.exitCode !== null) {
        assert.fail(`the demo ended with ${child.exitCode}:\n${output}${(await readFile(log.path, 'utf8')).slice(-20_000)}`)
      }
      return readJson(join(data, 'demo.json'))
    }, 240_000)
    return {
      base: said.base_url.replace(/\/$/, ''),
      simulator: said.simulator.replace(/\/$/, ''),
      line: said.line,
      lines: said.lines,
      apiKey: said.api_key,
      staff: said.staff,
      admin: (...words) => run(['admin', ...words, '--data', data]),
      printer: { address: said.printer, is: (condition) => printerIs(said.simulator.replace(/\/$/, ''), condition) },
      newReader: async () => newReader(said.simulator.replace(/\/$/, ''), (await readJson(join(data, 'demo-secrets.json'))).stripe_key),
      serverPid: async () => (await readJson(join(data, 'demo.json')))?.pid,
      stop: async () => tellsNothing(log.path, await stop()),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The receipt printer is so from now on: `{}` is well, `{ paper: 'out' }` is not. */
async function printerIs(simulator, condition) {
  const asked = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(condition) }
  const answer = await fetch(`${simulator}/control/printer`, asked)
  assert.equal(answer.status, 200, await answer.text())
}

/** A card reader beside a till: its id, and somebody who puts a card into it. */
async function newReader(simulator, key) {
  const headers = { Authorization: `Bearer ${key}` }
  const body = new URLSearchParams({ registration_code: 'simulated-wpe' })
  const made = await fetch(`${simulator}/v1/terminal/readers`, { method: 'POST', headers, body })
  assert.equal(made.status, 200, await made.clone().text())
  const { id } = await made.json()
  const insert = async (card) => {
    const asked = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ do: 'insert', card }) }
    const answer = await fetch(`${simulator}/control/readers/${id}`, asked)
    assert.equal(answer.status, 200, await answer.text())
  }
  return { id, insert }
}

/** What the built program prints when it is run with these words; it must end well. */
function run(words) {
  return new Promise((resolve, reject) => {
    execFile(program, words, { cwd: root }, (error, output) => (error ? reject(error) : resolve(output.trim())))
  })
}

/** A new log of this test file, in the folder in which `make test` looks through all logs. */
function newLog() {
  const folder = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'test-logs')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `browser-${basename(process.argv[1] ?? 'demo', '.test.mjs')}-${process.pid}.log`)
  return { path, file: openSync(path, 'a') }
}

/** What the demo kept secret: its keys, passphrases and signing secrets. */
async function secretsOf(data) {
  const all = []
  const gather = (value) => {
    if (typeof value === 'string' && value.length >= 12) all.push(value)
    else if (value && typeof value === 'object') Object.values(value).forEach(gather)
  }
  gather(await readJson(join(data, 'demo-secrets.json')))
  return all
}

/** Fails when a log names somebody or tells a secret. */
export async function tellsNothing(path, secrets = []) {
  const scan = spawn(join(root, 'scripts/scan-logs'), [path], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [scan.stdout, scan.stderr]) stream.setEncoding('utf8').on('data', (text) => { said += text })
  const code = await new Promise((resolve) => scan.once('close', resolve))
  assert.equal(code, 0, `scan-logs: ${said}`)
  const log = await readFile(path, 'utf8')
  assert.ok(!secrets.some((secret) => log.includes(secret)), `${path} holds a secret of the demo`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

function endProcess(id) {
  try {
    process.kill(id, 'SIGTERM')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error // it has ended by itself
  }
}

async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    // Not there yet, or half written.
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return null
    throw error
  }
}

function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  assert.ok(existsSync(executablePath), `no browser at ${executablePath}: run scripts/install-test-deps, or set CHROMIUM`)
  return chromium.launch({ executablePath, headless: true, args: BROWSER_FLAGS })
}

const isOurs = (url) => ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) || !url.protocol.startsWith('http')

/** A person with a device. `close` also asserts that the pages asked no other host and broke no rule of their own. */
async function visitor(browser, world, { locale = 'en', size = 'phone', scheme = 'light', script = true, worker = true } = {}) {
  const context = await browser.newContext({
    baseURL: world.base,
    locale,
    viewport: SIZES[size],
    colorScheme: scheme,
    javaScriptEnabled: script,
    serviceWorkers: worker ? 'allow' : 'block',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(30_000)
  const elsewhere = []
  const complaints = []
  await context.route((url) => !isOurs(url), (route) => {
    elsewhere.push(route.request().url())
    return route.abort()
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('console', (message) => {
    // A refused status is the page's own answer, and the tests look at that.
    const isStatus = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isStatus) complaints.push(message.text())
  })
  const page = await context.newPage()
  return {
    context,
    page,
    locale,
    size,
    scheme,
    script,
    close: async () => {
      // A route that still answers for a page that nobody looks at any more fails nobody.
      await context.unrouteAll({ behavior: 'ignoreErrors' })
      await context.close()
      assert.deepEqual(elsewhere, [], 'requests to other hosts')
      assert.deepEqual(complaints, [], 'errors in the browser console')
    },
  }
}

/** Runs `act` with a visitor of the kind asked for, and closes the visitor in any case. */
export async function as(world, options, act) {
  const person = await world.visitor(options)
  let failed = true
  try {
    await act(person)
    failed = false
  } catch (error) {
    error.message += `\n  at ${person.page.url()}\n  screen ${await screenshot(person, 'failure', true).catch(() => 'not taken')}`
    throw error
  } finally {
    if (failed) await person.context.close()
    else await person.close()
  }
}

/** A picture of the page, when pictures are wanted; of a failure always. */
export async function screenshot(person, name, always = false) {
  if (!screens && !always) return null
  return shoot(person, screens ?? join(root, 'target/screens'), name)
}

/** A picture of the README: anew in docs/screenshots when they are to be taken anew. */
export async function picture(person, name) {
  return updatePictures ? shoot(person, join(root, 'docs/screenshots'), name) : screenshot(person, name)
}

async function shoot(person, folder, name) {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${name}.${person.locale}.${person.size}.${person.scheme}.png`)
  await person.page.screenshot({ path, fullPage: true, animations: 'disabled' })
  return path
}

/** Presses Tab until the focus is on what `selector` names. */
export async function tabTo(page, selector, most = 60) {
  for (let pressed = 0; pressed < most; pressed += 1) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return
  }
  assert.fail(`Tab never reaches ${selector} at ${page.url()}`)
}
