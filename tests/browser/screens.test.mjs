// What holds on every screen, whatever is done there: readable by everyone, narrow enough, light, and from one host.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accessible, as, LOCALES, noSidewaysScroll, open, screenshot, until, wireBytes } from './harness.mjs'
import { api, number, order, payment } from './selectors.mjs'
import { buy, chooseOffer, giveNumber, goToPay, reaches } from './steps.mjs'

const timeout = 120_000
const FIRST_VIEW_BYTES = 60_000
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** What a look at any screen checks, and the picture of it. */
async function look(person, screen) {
  await accessible(person.page)
  await noSidewaysScroll(person.page)
  await screenshot(person, screen)
}

describe('every screen is accessible and fits 320 px', () => {
  for (const locale of LOCALES) {
    for (const [size, scheme] of [['phone', 'light'], ['phone', 'dark'], ['desktop', 'light']]) {
      test(`in ${locale}, on a ${size}, ${scheme}`, { timeout }, async () => {
        let code
        await as(world, { locale, size, scheme }, async (person) => {
          ({ code } = await buy(world, person, (screen) => look(person, screen)))
          for (const [screen, path] of [['missing', '/there-is-no-such-page'], ['lookup', '/o'], ['unreadable-code', '/o?code=UNREADABLE']]) {
            await person.page.goto(path)
            await look(person, screen)
          }
        })
        await as(world, { locale, size, scheme }, async (person) => {
          await person.page.goto(`/o/${code}`)
          await look(person, 'order-proof')
          await giveNumber(person, '+44 20 7946 0018', number.problem)
          await look(person, 'number-refused')
          await giveNumber(person, world.line)
          await chooseOffer(person)
          await goToPay(person)
          await person.page.locator(payment.cancel).first().click()
          await reaches(person, 'awaiting_payment')
          await look(person, 'awaiting-payment')
          await person.page.locator(order.cancel).first().click()
          await reaches(person, 'cancelled')
          await look(person, 'cancelled')
        })
      })
    }
  }
})

test('the first view costs at most 60 KB over the wire', { timeout }, () =>
  as(world, {}, async (person) => {
    const bytes = await wireBytes(person, '/')
    await person.page.waitForSelector(number.form)
    assert.ok(bytes > 0 && bytes <= FIRST_VIEW_BYTES, `${bytes} bytes`)
  }))

test('the API reference shows our calls and asks no other host', { timeout }, () =>
  as(world, { size: 'desktop' }, async (person) => {
    const { page } = person
    await page.goto('/docs')
    await page.waitForSelector(api.reference)
    await until('the reference to list the calls', () =>
      page.evaluate((name) => document.querySelector(name).shadowRoot?.textContent.includes('/v1/top-ups'), api.reference))
    await screenshot(person, 'api-reference')
  }))
