// Help, what is genuine, and status: of use without JavaScript, and in browsers that are old or not quite their own.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { as, open, screenshot } from './harness.mjs'
import { accessible, noSidewaysScroll } from './looks.mjs'
import { order, payment, review } from './selectors.mjs'
import { buy, chooseOffer, giveNumber, goToPay } from './steps.mjs'

const timeout = 120_000
const PAGES = ['help', 'verify', 'status']
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

test('the footer leads to all of them from every screen, without JavaScript', { timeout }, () =>
  as(world, { script: false, locale: 'zh-CN' }, async (person) => {
    const { page } = person
    for (const name of PAGES) {
      await giveNumber(person, world.line)
      await page.click(`footer a[href="/${name}"]`)
      await page.waitForURL(`**/${name}`)
    }
    await page.click('[data-testid=status-again]')
    await page.waitForURL('**/status')
  }))

test('a result leads to what its state means, and an order code is checked from the page about forgeries', { timeout }, () =>
  as(world, { script: false }, async (person) => {
    const { page } = person
    await giveNumber(person, world.line)
    await chooseOffer(person)
    await goToPay(person)
    await page.locator(payment.cancel).first().click()
    await page.waitForSelector(order.state)
    const code = new URL(page.url()).pathname.split('/')[2]
    await page.click('[data-testid=state-help]')
    await page.waitForURL('**#awaiting_payment')
    await page.waitForSelector('#awaiting_payment')
    await page.goto('/verify')
    await page.fill('[data-testid=verify-code] input[name=code]', code.toLowerCase())
    await page.click('[data-testid=verify-code] button')
    await page.waitForURL(`**/o/${code}`)
  }))

test('status tells that payments and messages work once they did', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page } = person
    await buy(world, person)
    await page.goto('/status')
    const health = (service) =>
      page.locator(`[data-testid=service][data-service=${service}]`).first().getAttribute('data-health')
    assert.equal(await health('portal'), 'working')
    assert.equal(await health('payment'), 'working')
    await screenshot(person, 'status-working')
  }))

test('inside WeChat the pay step says how to go on, and works', { timeout }, () =>
  as(world, { locale: 'zh-CN' }, async (person) => {
    const { page, context } = person
    const agent = await page.evaluate(() => navigator.userAgent)
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.setUserAgentOverride', { userAgent: `${agent} MicroMessenger/8.0.50`, acceptLanguage: 'zh-CN' })
    await giveNumber(person, world.line)
    await chooseOffer(person)
    assert.match(await page.locator('[data-testid=wechat]').innerText(), /在浏览器打开/)
    await accessible(page)
    await noSidewaysScroll(page)
    await screenshot(person, 'review-wechat')
    await page.locator(review.submit).first().click()
    await page.waitForSelector(payment.cardNumber)
  }))

test('a browser that does not know the layers of the sheet is told so and can still go on', { timeout }, () =>
  as(world, { locale: 'zh-CN', script: false }, async (person) => {
    const { page, context } = person
    const hint = page.locator('[data-testid=old-browser]')
    await page.goto('/')
    assert.ok(!(await hint.isVisible()), 'this browser is new enough')
    await context.route('**/assets/app-*.css', async (route) => {
      const answer = await route.fetch()
      const body = (await answer.text()).replaceAll('@layer', '@of-another-time')
      await route.fulfill({ response: answer, body })
    })
    await page.goto('/')
    assert.ok(await hint.isVisible())
    await noSidewaysScroll(page)
    await screenshot(person, 'old-browser')
    await giveNumber(person, world.line)
  }))
