// Back, another language, and a server that does not answer: nobody pays twice, and nothing that was typed is lost.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, open, told, until, WAYS } from './harness.mjs'
import { language, languageMenu, number, order, payment, review } from './selectors.mjs'
import { buy, CARDS, chooseOffer, giveNumber, goToPay, payWith, reaches } from './steps.mjs'

const timeout = 120_000
const already = '[data-testid=already]'
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

async function switchTo(page, locale) {
  await page.locator(languageMenu).click()
  await page.locator(language(locale)).first().click()
  await page.waitForSelector(`html[lang=${locale}]`)
}

describe('nobody pays twice by going back', () => {
  for (const script of [true, false]) {
    test(`Back, Back, Pay after the credit came shows the order, ${script ? 'with' : 'without'} JavaScript`, { timeout }, () =>
      as(world, { script }, async (person) => {
        const { page } = person
        await giveNumber(person, world.line)
        await chooseOffer(person)
        const price = page.url()
        await goToPay(person)
        await payWith(person, CARDS.pays)
        const { code } = await reaches(person, 'credited')
        await until('the price to be left', async () => {
          if (page.url() === price || page.url().includes('already')) return true
          await page.goBack()
          return false
        })
        // A browser that shows the page as it was lets one press Pay; the server leads to the order.
        if (page.url() === price) await page.locator(review.submit).first().click()
        await page.waitForSelector(already)
        assert.ok(page.url().includes(`/o/${code}?already=1`), page.url())
        await page.goto('/o')
        assert.equal(await page.locator('[data-testid=own-orders] li').count(), 1, 'one order')
        await page.locator('[data-testid=own-orders] a').click()
        await reaches(person, 'credited')
        await page.click('[data-testid=again-form] button')
        await page.waitForSelector(review.form)
        await goToPay(person)
      }))
  }
})

describe('a guest buys the same once more', () => {
  for (const way of WAYS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const { page } = person
        const { code } = await buy(world, person)
        await page.goto(`/o/${code}`)
        await page.click('[data-testid=again-form] button')
        await page.waitForSelector(review.form)
        await goToPay(person)
        await payWith(person, CARDS.pays)
        const again = await reaches(person, 'credited')
        assert.notEqual(again.code, code)
      }))
  }
})

describe('switching the language keeps what was typed', () => {
  test('and not yet sent', { timeout }, () =>
    as(world, {}, async ({ page }) => {
      await page.goto('/')
      await page.fill(number.msisdn, '07400 12')
      await switchTo(page, 'zh-CN')
      assert.equal(await page.inputValue(number.msisdn), '07400 12')
      assert.ok(!page.url().includes('07400'), page.url())
    }))

  test('and refused, without JavaScript', { timeout }, () =>
    as(world, { script: false }, async (person) => {
      const { page } = person
      await giveNumber(person, '+44 20 7946 0018', number.problem)
      await switchTo(page, 'zh-CN')
      assert.equal(await page.inputValue(number.msisdn), '+44 20 7946 0018')
      assert.ok(!page.url().includes('7946'), page.url())
    }))
})

describe('the waiting page', () => {
  // htmx writes every refused status to the console, so this visitor's console is not looked at.
  test('says when it last asked, and that it goes on when nobody answers', { timeout }, async () => {
    const person = await world.visitor({})
    try {
      const { page } = person
      const line = page.locator('[data-testid=asked]')
      await giveNumber(person, world.line)
      await chooseOffer(person)
      await goToPay(person)
      await page.locator(payment.cancel).first().click()
      await reaches(person, 'awaiting_payment')
      const first = await line.innerText()
      await page.focus(order.cancel)
      await until('a later time', async () => (await line.innerText()) !== first)
      assert.ok(await page.evaluate((button) => document.activeElement?.matches(button), order.cancel), 'the focus stays')
      assert.match(await line.innerText(), /^Last checked at \d\d:\d\d:\d\d\.$/)
      await page.route('**/state?*', (route) => route.fulfill({ status: 503 }))
      await until('the silence to be told', async () => /No answer at .*; trying again\./.test(await line.innerText()))
      await page.unroute('**/state?*')
      await until('the answer to be told', async () => /^Last checked/.test(await line.innerText()))
    } finally {
      await person.context.close()
    }
  })
})
