// The owner fills the float by card: from the counter's screen, on the provider's page in a window of its own.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { backAt, choosePin, inviteToShop, pair } from './counter.mjs'
import { as, open } from './harness.mjs'
import { payment } from './selectors.mjs'
import { CARDS } from './steps.mjs'

const timeout = 240_000
let world
before(async () => { world = await open({ pastDays: 1 }) }, { timeout })
after(() => world?.close())

const byId = (id) => `[data-testid="${id}"]`
const state = (page, wanted) => page.waitForSelector(`${byId('float-card')}[data-state="${wanted}"]`, { timeout: 30_000 })

/** What stands on the float, in pence. */
async function available(page) {
  const text = await page.locator(byId('float-available')).innerText()
  return Math.round(Number(text.replace(/[^\d.]/g, '')) * 100)
}

async function payOn(page, card) {
  await page.waitForSelector(payment.cardNumber)
  await page.fill(payment.cardNumber, card)
  await page.locator(payment.submit).first().click()
}

describe('an owner at the float', () => {
  for (const [locale, size] of [['zh-CN', 'phone'], ['en', 'desktop']]) {
    test(`fills it by card, in ${locale} on a ${size}`, { timeout }, () =>
      as(world, { locale, size }, async (person) => {
        const { page } = person
        const { code, number } = await inviteToShop(world, locale)
        await pair(person, code)
        await choosePin(person, number, code)
        person.number = number
        await backAt(person, '/agent/owner/float')
        const before = await available(page)
        await page.fill(`${byId('float-by-card')} [name=amount]`, '25.50')
        await page.click(`${byId('float-by-card')} button[type=submit]`)
        await state(page, 'open')
        const [paying] = await Promise.all([page.waitForEvent('popup'), page.click(byId('card-page'))])
        await payOn(paying, CARDS.declined)
        await paying.waitForSelector(payment.cardNumber)
        assert.equal(await page.locator(byId('float-card')).getAttribute('data-state'), 'open', 'a refused card takes nothing')
        await payOn(paying, CARDS.pays)
        if (await paying.waitForSelector(payment.approve, { timeout: 3_000 }).catch(() => null)) await paying.click(payment.approve)
        await paying.waitForURL((url) => url.pathname === '/agent/back')
        await paying.waitForSelector(`${byId('counter-note')}[data-note="back"]`)
        await paying.close()
        await state(page, 'paid')
        await backAt(person, '/agent/owner/float')
        assert.equal(await available(page), before + 2_550)
        assert.equal(await page.locator(`${byId('float-requests')} a[href^="/agent/owner/float/card/"]`).count() > 0, true)
      }))
  }
})
