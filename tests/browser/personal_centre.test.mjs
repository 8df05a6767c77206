// The personal centre in a browser: balance, history and repeat, with and without JavaScript, every screen of it, and
// the last balance without a network.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accessible, as, LOCALES, noSidewaysScroll, open, screenshot, until, wireBytes } from './harness.mjs'

const timeout = 240_000
const NUMBERS = ['34612345701', '31612345702', '33612345702', '393471234502']
let world
before(async () => {
  world = await open()
}, { timeout })
after(() => world?.close())

async function codes(to) {
  const answer = await fetch(`${world.simulator}/inbox.json?to=${encodeURIComponent(to)}`)
  const messages = await answer.json()
  return messages.map(({ text }) => text.match(/(?<!\d)\d{6}(?!\d)/)?.[0]).filter(Boolean)
}

/** Does what sends a code, and enters it when it has arrived. */
async function enterCode({ page }, to, send) {
  const before = (await codes(to)).length
  await send()
  await page.waitForSelector('[data-testid=code-form]')
  const arrived = await until('a code', async () => {
    const now = await codes(to)
    return now.length > before && now[0]
  })
  await page.fill('#code', arrived)
  await page.click('[data-testid=code-form] button')
}

/** Registers with a number of ours, which is in the account then. */
async function register(person, email, number) {
  const { page } = person
  await page.goto('/register')
  await page.fill('#email', email)
  await enterCode(person, email, () => page.click('[data-testid=register-form] button'))
  await page.waitForSelector('[data-testid=details-form]')
  await page.fill('#msisdn', `+${number}`)
  await enterCode(person, number, () => page.click('[data-testid=details-form] button[type=submit]'))
  await page.waitForURL('**/me')
}

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

async function look(person, screen) {
  await accessible(person.page)
  await noSidewaysScroll(person.page)
  await screenshot(person, `me-${screen}`)
}

describe('somebody sees the balance, its history, and tops up again', () => {
  const journeys = [
    { locale: 'en', size: 'phone', script: true, number: NUMBERS[0] },
    { locale: 'zh-CN', size: 'desktop', script: false, number: NUMBERS[1] },
  ]
  for (const { locale, size, script, number } of journeys) {
    test(`in ${locale}, on a ${size}, ${script ? 'with' : 'without'} JavaScript`, { timeout }, () =>
      as(world, { locale, size, script }, async (person) => {
        const { page } = person
        await register(person, `me.${size}@example.org`, number)
        await fill(number)
        await page.goto('/me')
        assert.match(await page.textContent('[data-unit=octets] [data-testid=bucket-left]'), locale === 'en' ? /GB left|MB/ : /剩余/)
        await page.click('[data-testid=line-link]')
        await page.waitForSelector('[data-testid=entries]')
        await page.locator('[data-unit=octets] [data-testid=bucket-end] a').first().click()
        await page.waitForSelector('[data-what=used]')
        await page.click('[data-testid=history-link]')
        assert.equal(await page.locator('[data-testid=order-row]').count(), 2)
        await page.selectOption('#state', 'cancelled')
        await page.click('[data-testid=history-filter] button')
        await page.waitForSelector('[data-testid=no-orders]')
        await page.goto('/me')
        await page.click('[data-testid=repeat-form] button')
        await page.waitForSelector('[data-testid=pay-form]')
        assert.equal(await page.inputValue('#email'), `me.${size}@example.org`)
        await page.goto('/')
        await page.click('[data-testid=own-line]')
        await page.waitForSelector('[data-testid=offer-form]')
      }))
  }
})

describe('every screen of the personal centre is accessible and fits 320 px', () => {
  for (const [n, locale] of LOCALES.entries()) {
    test(`in ${locale}`, { timeout }, async () => {
      const number = NUMBERS[2 + n]
      let cookies
      await as(world, { locale, size: 'phone', scheme: 'light' }, async (person) => {
        await register(person, `screens.me.${n}@example.org`, number)
        await look(person, 'empty')
        await fill(number)
        cookies = await person.context.cookies()
      })
      for (const [size, scheme] of [['phone', 'light'], ['phone', 'dark'], ['desktop', 'light'], ['desktop', 'dark']]) {
        await as(world, { locale, size, scheme }, async (person) => {
          const { page } = person
          await person.context.addCookies(cookies)
          await page.goto('/me')
          await look(person, 'balance')
          await page.click('[data-testid=line-link]')
          await look(person, 'line')
          await page.locator('[data-unit=octets] [data-testid=bucket-end] a').first().click()
          await page.waitForSelector('[data-what=used]')
          await look(person, 'bucket')
          for (const [screen, path] of [
            ['history', '/me/history'],
            ['history-none', '/me/history?state=cancelled'],
            ['offline-page', '/offline'],
            ['start', '/'],
          ]) {
            await page.goto(path)
            await look(person, screen)
          }
        })
      }
    })
  }
})

test('without a network the last balance is shown with its time, and after signing out nothing is', { timeout }, () =>
  as(world, { locale: 'en', size: 'phone' }, async (person) => {
    const { context, page } = person
    const number = '33612345703'
    await register(person, 'offline@example.org', number)
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

test('the history comes as a table that spreadsheets read', { timeout }, () =>
  as(world, { locale: 'zh-CN', size: 'desktop' }, async (person) => {
    const number = '34612345702'
    await register(person, 'table@example.org', number)
    await fill(number)
    await person.page.goto('/me/history')
    const waiting = person.page.waitForEvent('download')
    await person.page.click('[data-testid=csv]')
    const download = await waiting
    assert.match(download.suggestedFilename(), /^top-ups-.*\.csv$/)
    const { readFile } = await import('node:fs/promises')
    const text = await readFile(await download.path(), 'utf8')
    assert.ok(text.startsWith('\ufeff日期时间,'), text.slice(0, 40))
    assert.equal(text.trim().split('\r\n').length, 3)
  }))

test('it costs at most 60 KB over the wire', { timeout }, () =>
  as(world, {}, async (person) => {
    await register(person, 'bytes@example.org', '85251234503')
    const bytes = await wireBytes(person, '/me')
    assert.ok(bytes > 0 && bytes <= 60_000, `${bytes} bytes`)
  }))
