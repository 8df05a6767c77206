// Promotions: the page for everybody, and the way from it through the cart to the bonus on the line.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { as, open, screenshot, told, WAYS } from './harness.mjs'
import { accessible, noSidewaysScroll } from './looks.mjs'
import { number, order, payment, review } from './selectors.mjs'
import { CARDS, goToPay, payWith, reaches } from './steps.mjs'

const timeout = 120_000
const take = '[data-promotion=gb-fifth] [data-testid=promotion-take]'
const bonus = '[data-testid=promotion-bonus]'
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** A number has the promotion three times: three buyers to each of these. */
const buyers = ['active', 'reads_chinese', 'lin']

for (const [n, way] of WAYS.entries()) {
  test(`from the page to the bonus on the line, ${told(way)}`, { timeout }, () =>
    as(world, way, async (person) => {
      const { page } = person
      await page.goto('/')
      assert.ok(await page.locator('[data-testid=start-promotion]').isVisible())
      await page.click('footer a[href="/promotions"]')
      await page.waitForSelector('[data-promotion=gb-fifth][data-running=yes]')
      assert.ok(await page.locator('[data-running=no]').first().isVisible(), 'what comes')
      await page.click(take)
      await page.fill(number.msisdn, world.lines[buyers[Math.floor(n / 3)]])
      await page.click(number.submit)
      await page.waitForSelector(review.form)
      if (way.script) await accessible(page)
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
    const takes = async () => {
      await page.goto('/promotions')
      await page.click(take)
      await page.fill(number.msisdn, world.lines[buyers[2]])
      await page.click(number.submit)
      await page.waitForSelector(review.form)
      return page.locator(bonus).count()
    }
    // Two of three uses went to the journeys above.
    assert.equal(await takes(), 1)
    await goToPay(person)
    await page.waitForSelector(payment.cardNumber)
    assert.equal(await takes(), 0, 'an order on its way counts')
  }))
