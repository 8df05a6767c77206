// The counter's windows: what the customer's screen shows and when it goes back to its welcome, and what the browser shows
// when a page of the counter cannot be had.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openShop, press, toPay } from './counter.mjs'
import { as, open, screenshot, until } from './harness.mjs'
import { accessible } from './looks.mjs'

const timeout = 240_000
const id = (name) => `[data-testid="${name}"]`
const TILL = { width: 1024, height: 768 }
let world
before(async () => { world = await open({ pastDays: 1 }) }, { timeout })
after(() => world?.close())

const welcomes = (screen) => screen.waitForSelector('[data-display-welcome]:not([hidden])')
const shows = (screen) => screen.waitForSelector('[data-display-sale]:not([hidden])')

test('the customer sees number and total before paying, also on a screen opened late, and a welcome when the clerk is gone', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page, context } = person
    await page.setViewportSize(TILL)
    await openShop(world, person)
    const early = await context.newPage()
    await early.goto('/agent/display')
    await welcomes(early)
    await toPay(person)
    await shows(early)
    const late = await context.newPage()
    await late.goto('/agent/display')
    await shows(late)
    const due = (await page.locator(id('due')).innerText()).trim()
    for (const screen of [early, late]) {
      const text = await screen.locator('[data-display-sale]').innerText()
      assert.ok(text.replace(/\D/g, '').includes('7400123456'), `the number in full: ${text}`)
      assert.ok(text.includes(due), `${due} in ${text}`)
    }
    // Another window of the clerk's without a sale takes nothing away.
    const other = await context.newPage()
    await other.goto('/agent/journal')
    await late.reload()
    await shows(late)
    await shows(early)
    await other.close()
    await press(page, '1')
    await page.waitForSelector(id('outcome'))
    await early.waitForSelector('[data-display][data-word=accepted]')
    await page.goto('/agent/sale')
    await welcomes(early)
    await toPay(person)
    await shows(early)
    await page.close({ runBeforeUnload: true })
    await welcomes(early)
    await welcomes(late)
  }))

test('a screen goes back to its welcome when the clerk\'s window falls silent, and asks when it is heard again', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page, context } = person
    await page.setViewportSize(TILL)
    await openShop(world, person)
    const screen = await context.newPage()
    await screen.goto('/agent/display')
    await toPay(person)
    await shows(screen)
    // The clerk's browser stands still, as a device does that sleeps.
    const session = await context.newCDPSession(page)
    await session.send('Debugger.enable')
    await session.send('Debugger.pause')
    await welcomes(screen)
    await session.send('Debugger.resume')
    await shows(screen)
  }))

describe('a page that cannot be had', () => {
  for (const locale of ['zh-CN', 'en']) {
    test(`is answered by one of ours that says so and comes back by itself (${locale})`, { timeout }, () =>
      as(world, { locale }, async (person) => {
        const { page, context } = person
        await page.setViewportSize(TILL)
        await openShop(world, person)
        await until('the page to be kept', () => page.evaluate(async () => {
          const kept = await (await caches.open('counter-offline')).match('/agent/offline', { ignoreSearch: true })
          return kept ? (await kept.text()).includes(`lang="${document.documentElement.lang}"`) : false
        }))
        await page.reload()
        await page.waitForSelector(id('number-form'))
        await context.setOffline(true)
        await page.reload()
        await page.waitForSelector(id('no-connection'))
        assert.equal(await page.evaluate(() => document.documentElement.lang), locale)
        const says = { 'zh-CN': '没有售出任何商品', en: 'sold nothing and took nothing' }[locale]
        assert.ok((await page.innerText(id('no-connection'))).includes(says), 'nothing was sold or taken')
        assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector('.card')).paddingTop), '0px', 'with its looks')
        await accessible(page)
        await screenshot({ ...person, size: TILL.width, scheme: 'light' }, 'counter-no-connection')
        await context.setOffline(false)
        await page.waitForSelector(id('number-form'))
        // Only that page and its files are kept.
        const kept = await page.evaluate(async () =>
          (await (await caches.open('counter-offline')).keys()).map(({ url }) => new URL(url).pathname))
        assert.ok(kept.every((path) => path === '/agent/offline' || path.startsWith('/assets/')), kept.join())
      }))
  }
})
