// The demo as a tour: every door opens, the server can be killed and comes back, the books add up; and the
// pictures with which the README begins.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, open, picture, until } from './harness.mjs'
import { openDoor } from './people.mjs'
import { payment, review } from './selectors.mjs'
import { chooseProduct, comeIn, giveNumber as counterNumber, hands, openTill } from './shop_day.mjs'
import { CARDS, chooseOffer, EMAIL, giveNumber, reaches } from './steps.mjs'

const timeout = 300_000
const PAST_DAYS = 29
let world
before(async () => { world = await open({ pastDays: PAST_DAYS }) }, { timeout })
after(() => world?.close())

const byId = (id) => `[data-testid="${id}"]`

describe('the tour', () => {
  for (const javaScript of [true, false]) {
    test(`opens every door ${javaScript ? 'with' : 'without'} JavaScript`, { timeout }, () =>
      as(world, { locale: 'zh-CN', script: javaScript }, async (person) => {
        await openDoor(person, 'subscriber', '/me')
        assert.match(await person.page.locator('main').innerText(), /1\.2\s?GB/)
        await openDoor(person, 'clerk', '/office')
        await openDoor(person, 'supervisor', '/office')
        await openDoor(person, 'counter', '/agent/pair')
        if (javaScript) assert.match(await person.page.inputValue('#code'), /^[0-9A-Z]{4}-?[0-9A-Z]{4}$/)
        await openDoor(person, 'docs', '/docs')
        await person.page.goto('/demo')
        const outside = await person.page.locator(byId('door-simulator')).getAttribute('href')
        assert.equal((await fetch(outside)).status, 200)
      }))
  }

  for (const [locale, size] of [['en', 'phone'], ['zh-CN', 'desktop']]) {
    test(`quotes no label that is not there, in ${locale}`, { timeout }, () =>
      as(world, { locale, size }, async (person) => {
        const { page } = person
        const labels = []
        const look = async () => labels.push(...await page.locator('button, a').allInnerTexts())
        await page.goto('/demo')
        await look()
        const told = (await page.locator('.how').allInnerTexts()).join('\n')
        await giveNumber(person, world.line)
        await chooseOffer(person)
        await look()
        await page.fill(review.email, EMAIL)
        await page.locator(review.submit).first().click()
        await page.waitForSelector(payment.cardNumber)
        await look()
        await page.fill(payment.cardNumber, CARDS.pays)
        await page.locator(payment.submit).first().click()
        await page.waitForSelector(payment.approve)
        await look()
        await page.click(payment.approve)
        await reaches(person, 'credited')
        const quoted = [...told.matchAll(/“([^”]+)”/g)].map(([, label]) => label)
        assert.ok(quoted.length >= 6, told)
        const missing = quoted.filter((label) => !labels.some((text) => text.trim().includes(label)))
        assert.deepEqual(missing, [])
      }))
  }

  test('survives the end of the server, and the books add up afterwards', { timeout }, () =>
    as(world, {}, async (person) => {
      await person.page.goto('/demo')
      const killed = await world.serverPid()
      await person.page.locator(byId('kill')).click()
      await until('another server', async () => {
        const pid = await world.serverPid()
        if (!pid || pid === killed) return false
        const answer = await fetch(`${world.base}/readyz`).catch(() => null)
        return answer?.status === 200
      })
      await person.page.goto('/demo')
      await person.page.locator(byId('check-books')).click()
      const said = await person.page.locator(byId('books')).innerText()
      assert.match(said, /Everything adds up/)
    }))
})

describe('the pictures of the README', () => {
  const pictures = [
    ['readme-number', { locale: 'zh-CN', size: 'phone' }, async ({ page }) => page.goto('/')],
    ['readme-choose', { locale: 'zh-CN', size: 'phone' }, async (person) => giveNumber(person, world.line)],
    ['readme-review', { locale: 'en', size: 'phone' }, async (person) => {
      await giveNumber(person, world.line)
      await chooseOffer(person)
    }],
    ['readme-me', { locale: 'zh-CN', size: 'desktop' }, async (person) => openDoor(person, 'subscriber', '/me')],
    ['readme-office', { locale: 'en', size: 'desktop' }, async (person) => openDoor(person, 'supervisor', '/office')],
    ['readme-counter', { locale: 'zh-CN', size: 'desktop' }, async (person) => {
      const hand = hands(person)
      await comeIn(world, hand)
      await openTill(hand, 5000)
      await counterNumber(hand)
      await chooseProduct(hand, 'gb-credit-20')
    }],
    ['readme-shop', { locale: 'en', size: 'phone' }, async ({ page }) => {
      await page.goto('/shops')
      await page.locator('main a[href^="/shops/"]').first().click()
      await page.waitForSelector('h1')
    }],
    ['readme-tour', { locale: 'en', size: 'desktop' }, async ({ page }) => page.goto('/demo')],
  ]
  for (const [name, who, go] of pictures) {
    test(name, { timeout }, () =>
      as(world, { scheme: 'light', ...who }, async (person) => {
        await go(person)
        await picture(person, name)
      }))
  }
})
