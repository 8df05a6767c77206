// What holds on every screen, whatever is done there: readable by everyone in light and dark, on phone and desktop,
// narrow, with large text, still for whoever wants it still, and light over the wire. Start reading at `look`.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { SIZES, screenshot } from './harness.mjs'

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
// Rules that depend on colours alone: what changes with the scheme.
const COLOURS = ['color-contrast', 'link-in-text-block']

/** What a first view may cost over the wire. */
export const FIRST_VIEW_BYTES = 60_000

// Each screen is looked at in both languages: in one as a phone shows it, in the other as a desktop does.
const DEVICE = { 'zh-CN': 'phone', en: 'desktop' }

/**
 * Looks at one page in both schemes, on one device, narrow and with large text; takes its pictures when wanted.
 * `redraw` is for a page that takes the scheme from where it begins.
 */
export async function look(person, name, redraw = async () => {}) {
  const { page } = person
  await focusOnTrouble(page)
  const size = DEVICE[person.locale] ?? person.size
  await page.setViewportSize(SIZES[size])
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme })
    await redraw()
    await accessible(page, scheme === 'light' ? {} : { runOnly: COLOURS })
    await screenshot({ ...person, size, scheme }, name)
  }
  await still(page)
  await noSidewaysScroll(page)
  await largeText(page)
  await page.setViewportSize(SIZES[person.size])
  await page.emulateMedia({ colorScheme: person.scheme, media: null })
}

/** Fails on what axe calls serious or critical. Targets of 24 px (WCAG 2.2, 2.5.8) are among it. */
export async function accessible(page, options = {}) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
  const { violations } = await page.evaluate((asked) => globalThis.axe.run(document, asked), {
    resultTypes: ['violations'],
    preload: false,
    ...(options.runOnly ? {} : { rules: { 'target-size': { enabled: true } } }),
    ...options,
  })
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

/**
 * Fails when letters of twice the size need scrolling sideways or are cut off, WCAG 2.2, 1.4.4. The screen is just
 * narrower than the sheet's first step: a browser whose letters are large would not take that step either.
 */
async function largeText(page) {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 639, height: 900 })
  const found = await page.evaluate(() => {
    const root = document.documentElement
    root.style.fontSize = '200%'
    const isCut = (element) => {
      const style = getComputedStyle(element)
      const hides = style.overflowX === 'hidden' || style.overflowX === 'clip'
      // What is there for screen readers alone is one pixel large.
      return hides && element.clientWidth > 1 && element.clientHeight > 1 &&
        (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
    }
    const cut = [...document.querySelectorAll('main *, header *, footer *')].filter((element) => element.innerText && isCut(element))
    const said = { wide: root.scrollWidth, cut: cut.map((element) => `${element.tagName} ${element.className}`) }
    root.style.fontSize = ''
    return said
  })
  await page.setViewportSize(before)
  assert.ok(found.wide <= 639, `${page.url()} is ${found.wide} px wide on a screen of 639 px with large text`)
  assert.deepEqual(found.cut, [], `text is cut at ${page.url()}`)
}

/** Fails when a page tells what is wrong and leaves the focus at its beginning. */
async function focusOnTrouble(page) {
  const lost = await page.evaluate(() =>
    Boolean(document.querySelector('[data-testid=error-summary]')) && document.activeElement === document.body)
  assert.ok(!lost, `${page.url()} tells what is wrong, and the focus is nowhere`)
}

/** Fails when something moves although the visitor asked for less motion. */
async function still(page) {
  const moving = await page.evaluate(() => document.getAnimations()
    .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 10)
    .map((one) => one.animationName ?? one.transitionProperty))
  assert.deepEqual(moving, [], `something moves at ${page.url()}`)
}

/** Bytes over the wire for one address and all that it loads, with an empty cache. */
export async function wireBytes({ context, page }, path) {
  const devtools = await context.newCDPSession(page)
  let bytes = 0
  devtools.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength
  })
  await devtools.send('Network.enable')
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  await page.goto(path, { waitUntil: 'networkidle' })
  await devtools.detach()
  return bytes
}
