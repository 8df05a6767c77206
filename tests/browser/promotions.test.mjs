// Promotions: the page for everybody, and the way from it through the cart to the bonus on the line.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accessible, as, LOCALES, noSidewaysScroll, open, screenshot, wireBytes } from './harness.mjs'
import { number, order, payment, review } from './selectors.mjs'
import { CARDS, goToPay, payWith, reaches } from './steps.mjs'

const timeout = 120_000
const FIRST_VIEW_BYTES = 60_000
const bonus = '[data-testid=promotion-bonus]'
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

describe('the page is accessible, fits 320 px, and names what runs and what comes', () => {
  for (const locale of LOCALES) {
    for (const [size, scheme] of [['phone', 'light'], ['phone', 'dark'], ['desktop', 'light'], ['desktop', 'dark']]) {
      test(`in ${locale}, on a ${size}, ${scheme}`, { timeout }, () =>
        as(world, { locale, size, scheme, script: true }, async (person) => {
          const { page } = person
          await page.goto('/promotions')
          assert.equal(await page.locator('[data-running=yes]').count(), 1)
          assert.equal(await page.locator('[data-running=no]').count(), 1)
          await accessible(page)
          await noSidewaysScroll(page)
          await screenshot(person, 'promotions')
          await page.goto('/')
          assert.ok(await page.locator('[data-testid=start-promotion]').isVisible())
          await accessible(page)
          await noSidewaysScroll(page)
          await screenshot(person, 'start-promotion')
        }))
    }
  }
})

test('it costs at most 60 KB over the wire', { timeout }, () =>
  as(world, {}, async (person) => {
    const bytes = await wireBytes(person, '/promotions')
    assert.ok(bytes > 0 && bytes <= FIRST_VIEW_BYTES, `${bytes} bytes`)
  }))

for (const locale of LOCALES) {
  test(`from the page to the bonus on the line, without JavaScript, in ${locale}`, { timeout }, () =>
    as(world, { script: false, locale }, async (person) => {
      const { page } = person
      await page.goto('/')
      await page.click('footer a[href="/promotions"]')
      await page.locator('[data-testid=promotion-take]').first().click()
      await page.fill(number.msisdn, world.line)
      await page.click(number.submit)
      await page.waitForSelector(review.form)
      assert.match(await page.locator(bonus).innerText(), /\+£4\.00/)
      await noSidewaysScroll(page)
      await screenshot(person, 'review-promotion')
      await goToPay(person)
      await payWith(person, CARDS.pays)
      await reaches(person, 'credited')
      assert.match(await page.locator(bonus).innerText(), /\+£4\.00/)
      await screenshot(person, 'order-promotion')
      await page.click(order.receiptLink)
      assert.match(await page.locator(bonus).innerText(), /\+£4\.00/)
      await screenshot(person, 'receipt-promotion')
    }))
}

test('a number that has had it as often as it can sees the price without it', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page } = person
    const take = async () => {
      await page.goto('/promotions')
      await page.locator('[data-testid=promotion-take]').first().click()
      await page.fill(number.msisdn, world.line)
      await page.click(number.submit)
      await page.waitForSelector(review.form)
      return page.locator(bonus).count()
    }
    // Two of three uses went to the journeys above.
    assert.equal(await take(), 1)
    await goToPay(person)
    await page.waitForSelector(payment.cardNumber)
    assert.equal(await take(), 0, 'an order on its way counts')
  }))
