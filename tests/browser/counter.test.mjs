// The counter by keyboard alone, on the screen of a till and on a phone, in both languages: pairing, the first PIN,
// unlocking, clerks and devices, and what the page says when the connection, the clock or the key is gone.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { choosePin, invite, largeTargets, onField, openCounter, OWNER, pair, PIN, press, unlock } from './counter.mjs'
import { as, open, screenshot, tabTo } from './harness.mjs'
import { accessible, noSidewaysScroll } from './looks.mjs'

const timeout = 240_000
const id = (name) => `[data-testid="${name}"]`
const TILL = { width: 1024, height: 768 }
const PHONE = { width: 390, height: 844 }
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** Looks at what stands there, light and dark. */
async function see(person, name) {
  const { page } = person
  await largeTargets(page)
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme })
    await accessible(page)
    await screenshot({ ...person, size: page.viewportSize().width, scheme }, name)
  }
  await noSidewaysScroll(page)
  await page.emulateMedia({ colorScheme: null })
}

/** Goes to a part of the counter by Tab and Enter. */
async function goTo(page, address) {
  await tabTo(page, `.counter-nav a[href="${address}"]`)
  await press(page, 'Enter')
  await page.waitForURL((url) => url.pathname === address)
}

describe('an owner opens a counter by keyboard alone', () => {
  for (const [locale, viewport] of [['zh-CN', TILL], ['en', TILL], ['en', PHONE], ['zh-CN', PHONE]]) {
    test(`in ${locale}, ${viewport.width} px wide`, { timeout }, () =>
      as(world, { locale }, async (person) => {
        const { page } = person
        await page.setViewportSize(viewport)
        const code = await invite(world, locale)
        await page.goto('/agent/pair')
        await see(person, 'counter-pair')
        await pair(person, code)
        await see(person, 'counter-unlock')
        // Nobody chose a PIN yet: unlocking leads to where one is chosen.
        await unlock(person, OWNER, '0000')
        await page.waitForSelector(id('first-pin-form'))
        await see(person, 'counter-first-pin')
        await choosePin(person, OWNER, code)
        await see(person, 'counter-home')
        await press(page, 'F9')
        await unlock(person, OWNER, '0000')
        await page.waitForSelector(`${id('error-summary')}[data-code=pin_wrong]`)
        await see(person, 'counter-pin-wrong')
        await page.focus('#pin')
        await page.keyboard.type(PIN)
        await press(page, 'Enter')
        await page.waitForSelector(id('counter-home'))
        await goTo(page, '/agent/owner/clerks')
        await onField(page, 'name')
        await page.keyboard.type('Ben Osei')
        await press(page, 'Enter')
        await page.waitForSelector(id('new-code'))
        await see(person, 'counter-clerks')
        await goTo(page, '/agent/owner/devices')
        await onField(page, 'name')
        await page.keyboard.type('Counter 2')
        await press(page, 'Enter')
        await page.waitForSelector(id('pairing'))
        await see(person, 'counter-devices')
        await press(page, 'F7')
        await page.waitForSelector(id('journal'))
        await onField(page, 'q')
        await see(person, 'counter-journal')
      }))
  }
})

test('a second device pairs by the address of the QR code, and is cleared when it is revoked', { timeout }, () =>
  as(world, {}, async (owner) => {
    await owner.page.setViewportSize(TILL)
    await openCounter(world, owner)
    await owner.page.goto('/agent/owner/devices')
    await owner.page.fill('#name', 'Counter 2')
    await press(owner.page, 'Enter')
    const code = await owner.page.locator(id('pairing-code')).innerText()
    await as(world, {}, async (second) => {
      const { page } = second
      await page.goto(`/agent/pair#${code}`)
      await page.waitForFunction((wanted) => document.querySelector('#code').value === wanted, code)
      assert.ok(!page.url().includes(code), 'the code stays in no history')
      await press(page, 'Enter')
      await unlock(second, OWNER)
      await page.waitForSelector(id('counter-home'))
      const exportable = await page.evaluate(() => new Promise((resolve) => {
        const asked = indexedDB.open('counter', 1)
        asked.onsuccess = () => {
          const found = asked.result.transaction('key').objectStore('key').get('device')
          found.onsuccess = () => resolve(found.result.keys.privateKey.extractable)
        }
      }))
      assert.equal(exportable, false, 'the private key cannot be taken out')
      await owner.page.goto('/agent/owner/devices')
      await owner.page.locator(`${id('revoke-form')} button`).first().click()
      await owner.page.waitForSelector(id('done'))
      await press(page, 'F7')
      await page.waitForSelector(`${id('counter-note')}[data-note=revoked]`)
      await screenshot(second, 'counter-revoked')
      await page.goto('/agent/pair')
      await page.waitForSelector(id('pair-form'))
    })
  }))

test('a page says plainly what became of what was sent, and never guesses', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page, context } = person
    await page.setViewportSize(TILL)
    await openCounter(world, person)
    const trouble = (what) => page.waitForSelector(`${id('trouble')}[data-what=${what}]:not([hidden])`)
    await context.setOffline(true)
    await press(page, 'F9')
    await trouble('unsent')
    assert.ok(await page.locator('[data-online].off').count(), 'the dot says so')
    await screenshot(person, 'counter-offline')
    await context.setOffline(false)
    await page.waitForFunction(() => !document.querySelector('[data-online].off'))
    // The request leaves and no answer comes: it is not known, and the page offers to ask.
    await page.route('**/agent/owner/devices', (route) =>
      (route.request().method() === 'POST' ? route.abort() : route.continue()))
    await page.goto('/agent/owner/devices')
    await page.fill('#name', 'Counter 2')
    await press(page, 'Enter')
    await trouble('unknown')
    assert.equal(await page.locator('[data-ask-again]').isVisible(), true)
    await page.unroute('**/agent/owner/devices')
    await page.click('[data-ask-again]')
    await page.waitForSelector(`${id('trouble')}[hidden]`, { state: 'attached' })
    // A clock that is five minutes wrong: the server tells the time, and what was meant is done once.
    await page.evaluate(() => localStorage.setItem('counter-clock', String(5 * 60_000)))
    await page.route('**/agent/time', (route) => route.abort())
    await page.goto('/agent/owner/devices')
    await page.fill('#name', 'Counter 2')
    await press(page, 'Enter')
    await page.waitForSelector(id('pairing'))
    const off = await page.evaluate(() => Math.abs(Number(localStorage.getItem('counter-clock'))))
    assert.ok(off < 20_000, `the clock is right now: ${off} ms`)
    // The key is gone: the page says that nothing was sent, and how to go on.
    await page.evaluate(() => new Promise((resolve) => {
      indexedDB.deleteDatabase('counter').onsuccess = resolve
    }))
    await page.goto('/agent')
    await trouble('lostKey')
    assert.equal(await page.locator('[data-pair-again]').isVisible(), true)
    await screenshot(person, 'counter-lost-key')
  }))

test('the page locks by itself after two minutes, and counts the last seconds', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page } = person
    await page.setViewportSize(TILL)
    await openCounter(world, person)
    await page.evaluate(() => { document.body.dataset.idle = '4' })
    await page.waitForSelector('[data-lock-count]:not([hidden])')
    await page.waitForSelector(id('unlock-form'))
    await page.waitForSelector(id('lapsed'))
    await unlock(person, OWNER)
    await page.waitForSelector(id('counter-home'))
  }))

test('a scanner fills the field that is for it, wherever the focus is', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page } = person
    await openCounter(world, person)
    await page.goto('/agent/journal')
    await page.locator('#main').focus()
    await page.evaluate(() => {
      for (const key of [...'7K2M9-QX4TB', 'Enter']) {
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
      }
    })
    await page.waitForURL((url) => url.searchParams.get('q') === '7K2M9-QX4TB')
  }))

test('without scripts the counter says that it needs them', { timeout }, () =>
  as(world, { script: false }, async (person) => {
    await person.page.goto('/agent/pair')
    await person.page.waitForSelector(id('needs-script'))
  }))
