// The personal centre in a browser: balance, history, its table and repeat, with and without JavaScript, and the last
// balance without a network.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { as, open, PAIRS, screenshot, told, until } from './harness.mjs'
import { register } from './people.mjs'
import { payment } from './selectors.mjs'
import { CARDS, payWith, reaches } from './steps.mjs'

const timeout = 240_000
const NUMBERS = ['34612345701', '31612345702', '33612345702', '393471234502']
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

async function call(path, key, body) {
  const headers = { authorization: `Bearer ${world.apiKey}`, 'content-type': 'application/json', 'idempotency-key': key }
  const answer = await fetch(`${world.base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  assert.equal(answer.status, 201, await answer.text())
}

const offers = async (number) => {
  const headers = { authorization: `Bearer ${world.apiKey}` }
  const answer = await fetch(`${world.base}/v1/offers?msisdn=${number}`, { headers })
  return (await answer.json()).items
}

/** Gives a line credit and a bundle, and uses some of both. */
async function fill(number) {
  const all = await offers(number)
  const bundle = all.find((one) => one.benefit.allowances?.some(({ unit }) => unit === 'octets'))
  const credit = all.find((one) => one.benefit.kind === 'credit' && !one.range)
  for (const offer of [bundle, credit]) {
    await call('/v1/top-ups', `${offer.offer_id}-${number}`, { msisdn: number, offer_id: offer.offer_id, tender: { type: 'float' } })
  }
  const control = { method: 'POST', headers: { 'content-type': 'application/json' } }
  for (const [unit, amount] of [['octets', 500_000_000], ['credit', 100]]) {
    const used = await fetch(`${world.simulator}/control/use`, { ...control, body: JSON.stringify({ msisdn: number, unit, amount }) })
    assert.equal((await used.json()).status, 201)
  }
}

/** Takes the history as a table and gives its text. */
async function table({ page }) {
  const waiting = page.waitForEvent('download')
  await page.click('[data-testid=csv]')
  const download = await waiting
  assert.match(download.suggestedFilename(), /^top-ups-.*\.csv$/)
  return readFile(await download.path(), 'utf8')
}

describe('somebody sees the balance, its history, its table, and tops up again', () => {
  for (const [n, way] of PAIRS.entries()) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const { page } = person
        const [number, email] = [NUMBERS[n], `me.${n}@example.org`]
        await register(world, person, email, `+${number}`)
        await fill(number)
        await page.goto('/me')
        const left = way.locale === 'en' ? /GB left|MB/ : /剩余/
        assert.match(await page.textContent('[data-unit=octets] [data-testid=bucket-left]'), left)
        await page.click('[data-testid=line-link]')
        await page.waitForSelector('[data-testid=entries]')
        await page.locator('[data-unit=octets] [data-testid=bucket-end] a').first().click()
        await page.waitForSelector('[data-what=used]')
        await page.click('[data-testid=history-link]')
        await page.waitForSelector('[data-testid=order-row]')
        assert.equal(await page.locator('[data-testid=order-row]').count(), 2)
        const text = await table(person)
        assert.ok(text.startsWith(way.locale === 'en' ? '\ufeff' : '\ufeff日期时间,'), text.slice(0, 40))
        assert.equal(text.trim().split('\r\n').length, 3)
        await page.selectOption('#state', 'cancelled')
        await page.click('[data-testid=history-filter] button')
        await page.waitForSelector('[data-testid=no-orders]')
        await page.goto('/me')
        await page.click('[data-testid=repeat-form] button')
        await page.waitForSelector('[data-testid=pay-form]')
        assert.equal(await page.inputValue('#email'), email)
        await page.locator('[data-testid=pay-form] button[type=submit]').first().click()
        await page.waitForSelector(payment.cardNumber)
        await payWith(person, CARDS.pays, { asGuest: false })
        await reaches(person, 'credited')
        await page.goto('/me/history')
        assert.equal(await page.locator('[data-testid=order-row]').count(), 3)
        await page.goto('/')
        await page.click('[data-testid=own-line]')
        await page.waitForSelector('[data-testid=offer-form]')
      }))
  }
})

test('without a network the last balance is shown with its time, and after signing out nothing is', { timeout }, () =>
  as(world, { locale: 'en', size: 'phone' }, async (person) => {
    const { context, page } = person
    const number = '33612345703'
    await register(world, person, 'offline@example.org', `+${number}`)
    await fill(number)
    await page.goto('/me')
    await page.evaluate(() => navigator.serviceWorker.ready)
    const kept = () => page.evaluate(async () => Boolean(await caches.match('/me')))
    await until('the page to be kept', kept)
    await page.reload()
    await context.setOffline(true)
    await page.goto('/me')
    assert.ok(await page.isVisible('[data-testid=offline]'), 'it says that it is old')
    assert.match(await page.textContent('[data-testid=offline]'), /You are offline/)
    assert.ok(await page.isVisible('[data-testid=money]'))
    assert.equal(await page.isVisible('[data-testid=repeat-form]'), false, 'nothing can be bought')
    assert.ok(await page.evaluate(() => [...document.styleSheets].length > 0), 'it looks as it should')
    await screenshot(person, 'me-offline')
    await page.goto('/me/history')
    await page.waitForSelector('[data-testid=offline-page]')
    await context.setOffline(false)
    await page.goto('/me')
    assert.equal(await page.isVisible('[data-testid=offline]'), false)
    await page.click('[data-testid=sign-out]')
    await page.waitForSelector('[data-note=signed_out]')
    await until('the page to be forgotten', async () => !(await kept()))
    await context.setOffline(true)
    await page.goto('/me')
    await page.waitForSelector('[data-testid=offline-page], [data-testid=offline]', { state: 'attached' }).catch(() => {})
    assert.equal(await page.locator('[data-testid=money]').count(), 0)
    await context.setOffline(false)
  }))
