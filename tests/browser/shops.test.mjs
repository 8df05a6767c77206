// Finding a shop with a browser: by words, near oneself with and without leave, its page, and its sticker.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { as, open, PAIRS, screenshot, told } from './harness.mjs'
import { accessible, look, noSidewaysScroll } from './looks.mjs'

const timeout = 240_000
const SOHO = { latitude: 51.5116, longitude: -0.1312, accuracy: 20 }
const row = '[data-testid=shop]'
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

for (const way of PAIRS) {
  test(`from a word to the door of the shop, ${told(way)}`, { timeout }, () =>
    as(world, way, async (person) => {
      const { page } = person
      await page.goto('/')
      await page.click('[data-testid=start-shops] a')
      await page.waitForSelector(row)
      await noSidewaysScroll(page)
      await screenshot(person, 'shops')
      await page.fill('#q', way.locale === 'en' ? 'gerrard' : '\u4e0a\u6d77\u9759\u5b89')
      await page.click('[data-testid=shop-search] button[type=submit]')
      await page.waitForURL(/q=/)
      assert.equal(await page.locator(row).count(), 1)
      await page.click(`${row} h3 a`)
      await page.waitForSelector('[data-testid=shop-week]')
      assert.equal(await page.locator('[data-testid=shop-maps] a').count(), 4)
      if (way.script) await accessible(page)
      await noSidewaysScroll(page)
      await screenshot(person, 'shop')
      await page.click('[data-testid=shop-check]')
      await page.waitForSelector('[data-worth=valid]')
      await screenshot(person, 'outlet')
      // Data for search engines is no script: the policy lets it stand, and the console stays empty.
      assert.ok(await page.goto('/shops/S10101'))
      assert.equal(await page.locator('script[type="application/ld+json"]').count(), 1)
      await page.click('[data-testid=shop-report]')
      assert.ok(await page.locator('#cause-shop').isChecked())
    }))
}

test('near me, with leave and without', { timeout }, () =>
  as(world, { locale: 'zh-CN' }, async (person) => {
    const { context, page } = person
    await page.goto('/shops')
    assert.ok(await page.locator('[data-testid=near-me]').isVisible())
    await context.clearPermissions()
    await page.click('[data-testid=near-me]')
    await page.waitForSelector('[data-testid=near-refused]:not([hidden])')
    await screenshot(person, 'shops-near-refused')
    await context.grantPermissions(['geolocation'])
    await context.setGeolocation(SOHO)
    await page.click('[data-testid=near-me]')
    await page.waitForSelector('[data-testid=shop-distance]')
    assert.equal(await page.locator(row).first().getAttribute('data-number'), 'S10101')
    assert.ok(!page.url().includes('51.'), 'no address holds where somebody is')
    await screenshot(person, 'shops-near')
    await context.setGeolocation({ latitude: 0, longitude: -30 })
    await page.click('[data-testid=near-me]')
    await page.waitForSelector('[data-testid=no-shops]')
    await screenshot(person, 'shops-none-near')
  }))

test('a sticker is compared with where one stands, on the device alone', { timeout }, () =>
  as(world, {}, async (person) => {
    const { context, page } = person
    await context.grantPermissions(['geolocation'])
    await context.setGeolocation(SOHO)
    // What the page itself needs has come before it is watched.
    await page.goto('/verify/outlet/S10101', { waitUntil: 'networkidle' })
    const sent = []
    page.on('request', (request) => sent.push(request.url()))
    await page.click('[data-testid=are-you-here]')
    await page.waitForSelector('[data-testid=here-said].ok')
    await screenshot(person, 'outlet-here')
    await context.setGeolocation({ latitude: 52.5, longitude: -1.9, accuracy: 20 })
    await page.click('[data-testid=are-you-here]')
    await page.waitForSelector('[data-testid=here-said].warn')
    assert.match(await page.locator('[data-testid=here-said]').innerText(), /16\d km/)
    assert.deepEqual(sent, [])
    await screenshot(person, 'outlet-elsewhere')
  }))

for (const locale of ['en', 'zh-CN']) {
  test(`every state of a shop in light and dark, narrow and large, in ${locale}`, { timeout }, () =>
    as(world, { locale }, async (person) => {
      for (const [path, name, worth] of [
        ['/shops', 'shops-list'],
        ['/shops?q=nowhere', 'shops-none'],
        ['/shops?country=CN', 'shops-china'],
        ['/shops/S40101', 'shop-china'],
        ['/shops/S10114', 'shop-suspended', 'suspended'],
        ['/shops/S10115', 'shop-ended', 'ended'],
        ['/verify/outlet/S10101', 'outlet-valid', 'valid'],
        ['/verify/outlet/S10114', 'outlet-suspended', 'suspended'],
        ['/verify/outlet/S99999', 'outlet-unknown', 'unknown'],
      ]) {
        await person.page.goto(path)
        if (worth) assert.equal(await person.page.getAttribute('[data-testid=shop-worth]', 'data-worth'), worth)
        await look(person, name)
      }
    }))
}

test('a reader from right to left loses nothing', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page } = person
    for (const path of ['/shops', '/shops/S10101', '/verify/outlet/S10101']) {
      await page.goto(path)
      await page.evaluate(() => { document.documentElement.dir = 'rtl' })
      await noSidewaysScroll(page)
      await screenshot(person, `rtl${path.replaceAll('/', '-')}`)
    }
  }))
