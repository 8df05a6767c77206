// What is for sale and what it makes of a number: the cards with their terms, and the sentence before paying.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, LOCALES, open, screenshot, told, WAYS } from './harness.mjs'
import { offers, order, review } from './selectors.mjs'
import { CARDS, giveNumber, goToPay, payWith, reaches } from './steps.mjs'

const timeout = 240_000
const card = (id) => `[data-testid=offer][data-offer="${id}"]`
const sentence = '[data-testid=afterwards]'
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

async function choose(person, id) {
  const { page } = person
  // The whole card is the label of its radio; pressing it is what a person does.
  await page.click(`${card(id)} > label`)
  await page.locator(offers.submit).first().click()
  await page.waitForSelector(review.form)
}

const said = {
  'gb-credit-10': { en: /£10\.00 of credit is added/, 'zh-CN': /将增加话费£10\.00/ },
  'gb-traveller': { en: /^This number gets 5\sGB, .* until \d/, 'zh-CN': /将获得5\sGB.*有效期至\d/ },
  'gb-monthly': { en: /until at least .* 30 days are added/, 'zh-CN': /至少到.*延长30天/ },
  'gb-europe': { en: /in Europe for 30 days from the first use/, 'zh-CN': /欧洲可用.*首次使用起30天/ },
}

describe('what a number will have is said before paying', () => {
  for (const locale of LOCALES) {
    test(`in ${locale}`, { timeout }, () =>
      as(world, { locale, script: locale === 'en' }, async (person) => {
        const { page } = person
        await giveNumber(person, world.line)
        assert.ok(await page.locator('[data-testid=coming]').isVisible(), 'what is coming is told')
        const zone = page.locator(`${card('gb-europe')} [data-testid=zone]`)
        await zone.locator('summary').click()
        assert.match(await zone.innerText(), locale === 'en' ? /Germany/ : /德国/)
        await screenshot(person, 'choose-zone-open')
        for (const [id, words] of Object.entries(said)) {
          await choose(person, id)
          assert.match(await page.locator(sentence).innerText(), words[locale])
          await screenshot(person, `review-${id}`)
          await page.goBack()
          await page.waitForSelector(offers.form)
        }
      }))
  }
})

describe('a guest buys a bundle, and the receipt says until when', () => {
  for (const way of WAYS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const { page } = person
        await giveNumber(person, world.line)
        await choose(person, 'gb-europe')
        await goToPay(person)
        await payWith(person, CARDS.pays)
        await reaches(person, 'credited')
        await page.click(order.receiptLink)
        const words = way.locale === 'en' ? /30 days from the first use/ : /首次使用起30天/
        assert.match(await page.locator('[data-testid=validity]').innerText(), words)
        await screenshot(person, 'receipt-of-a-bundle')
      }))
  }
})
