// Receipts that prove themselves, in a browser: another program reads the QR code from a picture of the page, the
// browser checks the signature by itself, also without a network, and what a forger alters is told.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { as, open, PAIRS, screenshot, told, until } from './harness.mjs'
import { accessible, noSidewaysScroll } from './looks.mjs'
import { register } from './people.mjs'
import { buy } from './steps.mjs'

const timeout = 120_000
const verdict = (page) => page.locator('[data-testid=verdict]').getAttribute('data-shown')
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** What zbarimg reads from a picture of the page's QR code. */
async function scanned(page) {
  const folder = await mkdtemp(join(tmpdir(), 'recarga-qr-'))
  try {
    const path = join(folder, 'qr.png')
    await page.locator('svg.qr').first().screenshot({ path })
    const { stdout } = await promisify(execFile)('zbarimg', ['--raw', '--quiet', path])
    return stdout.trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Opens a text in a page that was not there before: a part behind # alone loads nothing. */
async function opened(page, text) {
  await page.goto('about:blank')
  await page.goto(text)
}

async function shows(page, wanted) {
  await until(`the verdict ${wanted}`, async () => (await verdict(page)) === wanted)
  assert.deepEqual(await page.locator('[data-verdict]:visible').evaluateAll((all) => all.map((one) => one.dataset.verdict)), [wanted])
}

describe('the QR code of a receipt is read by another program and proves the receipt', () => {
  for (const way of PAIRS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const { page } = person
        const { code } = await buy(world, person)
        await page.goto(`/o/${code}/receipt`)
        const text = await scanned(page)
        assert.equal(text, await page.locator('[data-testid=proof-link]').getAttribute('href'))
        assert.match(text, new RegExp(`/r/${code}#1\\.r1\\.R\\.`))
        await screenshot(person, 'receipt-qr')
        await opened(page, text)
        assert.equal(await page.locator('[data-testid=books]').getAttribute('data-genuine'), 'yes')
        if (way.script) await shows(page, 'genuine')
        if (way.script) await accessible(page)
        await noSidewaysScroll(page)
        await screenshot(person, 'receipt-proof')
        const forged = text.replace(/\.R\.(\d)/, '.R.9$1')
        if (way.script) {
          await opened(page, forged)
          await shows(page, 'forged')
          await screenshot(person, 'receipt-forged')
          await opened(page, text.slice(0, -5))
          await shows(page, 'truncated')
          await opened(page, text.split('#')[0])
          await shows(page, 'unsigned')
        }
        // What anybody can do by hand, without the script too.
        for (const [typed, wanted] of [[text, 'genuine'], [forged, 'forged']]) {
          await page.fill('#text', typed)
          await page.click('[data-testid=proof-form] button')
          await shows(page, wanted)
        }
      }))
  }
})

test('once it was opened, the page checks signatures without a network', { timeout }, () =>
  as(world, { locale: 'zh-CN' }, async (person) => {
    const { page, context } = person
    await buy(world, person)
    const text = await scanned(page)
    await page.goto('/verify/receipt')
    await until('the page to be kept', () => page.evaluate(async () => Boolean(await caches.match('/verify/receipt'))))
    await context.setOffline(true)
    await page.goto('/verify/receipt')
    await page.waitForSelector('[data-testid=offline-now]')
    await page.fill('#text', text)
    await page.click('[data-testid=proof-form] button')
    await shows(page, 'signed')
    const said = await page.locator('[data-testid=said]').innerText()
    assert.ok(said.includes(text.split('/r/')[1].split('#')[0]), said)
    await screenshot(person, 'receipt-check-offline')
    await page.fill('#text', text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).replace(/\.R\.(\d)/, '.R.9$1'))
    await page.click('[data-testid=proof-form] button')
    await shows(page, 'forged')
    assert.equal(await page.locator('[data-testid=said]').isVisible(), false, 'what a forger wrote is not repeated')
    await context.setOffline(false)
  }))

test('a buyer gets an invoice, and another one with another name takes it back', { timeout }, () =>
  as(world, { size: 'desktop' }, async (person) => {
    const { page } = person
    await buy(world, person)
    await page.click('[data-testid=invoice-link]')
    await screenshot(person, 'invoice-form')
    for (const [name, count] of [['Ana Reyes Ltd', 1], ['Ben & Sons', 3]]) {
      await page.fill('#name', name)
      await page.fill('#address', '2 Harbour Row, London')
      await page.locator('[data-testid=invoice-form] button[value=invoice]').click()
      await until('the invoice', async () => (await page.locator('[data-testid=invoice]').count()) === count)
      assert.match(await page.locator('[data-testid=invoice-buyer]').first().innerText(), new RegExp(name))
    }
    await accessible(page)
    await screenshot(person, 'invoice')
    await page.emulateMedia({ media: 'print' })
    assert.equal(await page.locator('[data-testid=invoice]:visible').count(), 1, 'one sheet is printed')
  }))

test('a slip joins the account of whoever proved its number', { timeout }, () =>
  as(world, { locale: 'zh-CN' }, async (person) => {
    const { page } = person
    const { code } = await buy(world, person)
    const number = world.line.startsWith('+') ? world.line : `+${world.line.replace(/\D/g, '')}`
    await register(world, person, 'slip@example.org', number)
    await page.goto('/me')
    await page.click('[data-testid=claim-link]')
    await page.fill('#code', code.toLowerCase())
    await page.click('[data-testid=claim-form] button')
    await page.waitForSelector('[data-testid=claim-done]')
    await accessible(page)
    await noSidewaysScroll(page)
    await screenshot(person, 'claim-done')
    await page.click('[data-testid=history-link]')
    await page.waitForSelector(`[data-testid=order-row]:has-text("${code}")`)
  }))
