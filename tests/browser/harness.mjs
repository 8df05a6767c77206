// A demo of its own, a browser, and visitors: what the browser tests stand on. Start reading at `open`.
// It starts the built program in a temporary folder and ends what it started, by process id.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = process.env.RECARGA_BIN ?? join(root, 'target/debug/recarga')
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const updateScreenshots = process.env.UPDATE_SCREENSHOTS === '1'

export const LOCALES = ['en', 'zh-CN']
export const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } }
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
  // A process group of its own, so that the demo's children can be ended with it.
  const child = spawn(program, ['demo', '--listen', '127.0.0.1:0', '--past', past, '--data', data], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Should the tests be stopped half-way, the demo goes with them.
  const endGroup = () => endProcess(-child.pid)
  process.once('exit', endGroup)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-20_000)
    })
  }
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      const late = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 10_000)
      await ended
      clearTimeout(late)
    }
    process.off('exit', endGroup)
    await rm(data, { recursive: true, force: true })
  }
  try {
    const said = await until('the demo to start', async () => {
      if (child.exitCode !== null) assert.fail(`the demo ended with ${child.exitCode}:\n${output}`)
      return readJson(join(data, 'demo.json'))
    }, 60_000)
    return {
      base: said.base_url.replace(/\/$/, ''),
      simulator: said.simulator.replace(/\/$/, ''),
      line: said.line,
      apiKey: said.api_key,
      staff: said.staff,
      output: () => output,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
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
async function visitor(browser, world, { locale = 'en', size = 'phone', scheme = 'light', script = true } = {}) {
  const context = await browser.newContext({
    baseURL: world.base,
    locale,
    viewport: SIZES[size],
    colorScheme: scheme,
    javaScriptEnabled: script,
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(15_000)
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

/** Fails on what axe calls serious or critical. */
export async function accessible(page) {
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  const bad = violations.filter((one) => ['serious', 'critical'].includes(one.impact))
  const listed = bad.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)
  assert.deepEqual(listed, [], `axe at ${page.url()}`)
}

/** Fails when the page is wider than a screen of 320 px, WCAG 2.2, 1.4.10. */
export async function noSidewaysScroll(page) {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 640 })
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  await page.setViewportSize(before)
  assert.ok(wide <= 320, `${page.url()} is ${wide} px wide on a screen of 320 px`)
}

/** Bytes over the wire for one address and all that it loads, with an empty cache. */
export async function wireBytes(person, path) {
  const devtools = await person.context.newCDPSession(person.page)
  let bytes = 0
  devtools.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength
  })
  await devtools.send('Network.enable')
  await person.page.goto(path, { waitUntil: 'networkidle' })
  return bytes
}

/** Takes the page as a picture: into docs/screenshots when they are to be taken anew, else aside into target/. */
export async function screenshot(person, name, aside = !updateScreenshots) {
  const folder = join(root, aside ? 'target/screens' : 'docs/screenshots')
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
