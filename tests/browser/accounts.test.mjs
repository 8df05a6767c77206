// Accounts in a browser: registering and signing in by code, with and without JavaScript, and every screen of them.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accessible, as, LOCALES, noSidewaysScroll, open, screenshot, until, wireBytes } from './harness.mjs'

const timeout = 180_000
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** The codes that arrived at a number or an address, newest first. */
async function codes(to) {
  const answer = await fetch(`${world.simulator}/inbox.json?to=${encodeURIComponent(to.replace(/^\+/, ''))}`)
  const messages = await answer.json()
  return messages.map(({ text }) => text.match(/(?<!\d)\d{6}(?!\d)/)?.[0]).filter(Boolean)
}

/** Does what sends a code, and enters it when it has arrived. */
async function enterCode(person, to, send, see = async () => {}) {
  const before = (await codes(to)).length
  await send()
  await person.page.waitForSelector('[data-testid=code-form]')
  const arrived = await until('a code', async () => {
    const now = await codes(to)
    return now.length > before && now[0]
  })
  await see()
  await person.page.fill('#code', arrived)
  await person.page.click('[data-testid=code-form] button')
}

/** Between two codes to one address half a minute passes. */
const PAUSE = 31_000

/** What a look at any screen checks, and the picture of it. */
async function look(person, screen) {
  await accessible(person.page)
  await noSidewaysScroll(person.page)
  await screenshot(person, `account-${screen}`)
}

async function register(person, email, number, see = async () => {}) {
  const { page } = person
  await page.goto('/sign-in')
  await see('sign-in')
  await page.click('[data-testid=to-register]')
  await see('register')
  await page.fill('#email', email)
  await enterCode(person, email, () => page.click('[data-testid=register-form] button'), () => see('code-email'))
  await page.waitForSelector('[data-testid=details-form]')
  await page.fill('#msisdn', number)
  await page.fill('#name', 'Ana')
  assert.equal(await page.isChecked('[name=by_sms]'), false, 'nothing is agreed to beforehand')
  await see('details')
  await enterCode(person, number, () => page.click('[data-testid=details-form] button[type=submit]'), () => see('code-phone'))
  await page.waitForURL((url) => !['/code', '/sign-in'].includes(url.pathname))
}

const people = { en: ['+8613800138001', 'en@example.org'], 'zh-CN': ['+8613800138002', 'zh@example.org'] }
const journeys = [
  { locale: 'en', size: 'phone', script: true },
  { locale: 'zh-CN', size: 'desktop', script: false },
]

describe('somebody registers, signs in on another device, and signs out there from the first', () => {
  for (const { locale, size, script } of journeys) {
    test(`in ${locale}, on a ${size}, ${script ? 'with' : 'without'} JavaScript`, { timeout }, () =>
      as(world, { locale, size, script }, async (person) => {
        const [number, email] = people[locale]
        await register(person, email, number)
        await person.page.goto('/account')
        assert.equal(await person.page.getAttribute('html', 'lang'), locale)
        const registered = Date.now()
        await until('the pause between two codes', () => Date.now() - registered > PAUSE, PAUSE * 2)
        await as(world, { locale, size: size === 'phone' ? 'desktop' : 'phone', script: !script }, async (other) => {
          await other.page.goto('/account')
          await other.page.fill('#contact', email)
          await enterCode(other, email, () => other.page.click('[data-testid=sign-in-form] button'))
          await other.page.waitForURL('**/account')
          await person.page.reload()
          assert.equal(await person.page.locator('[data-testid=device]').count(), 2)
          await person.page.locator('[data-testid=device] form button').first().click()
          await person.page.waitForSelector('[data-done=device_ended]')
          await other.page.reload()
          await other.page.waitForURL('**/sign-in?next=%2Faccount')
        })
        await person.page.click('[data-testid=sign-out]')
        await person.page.waitForSelector('[data-note=signed_out]')
      }))
  }
})

describe('every screen of accounts is accessible and fits 320 px', () => {
  for (const locale of LOCALES) {
    test(`in ${locale}`, { timeout }, async () => {
      const number = locale === 'en' ? '+8613800138003' : '+8613800138004'
      let cookies
      await as(world, { locale, size: 'phone', scheme: 'light' }, async (person) => {
        await register(person, `screens.${locale}@example.org`, number, (screen) => look(person, screen))
        cookies = await person.context.cookies()
      })
      for (const [size, scheme] of [['phone', 'light'], ['phone', 'dark'], ['desktop', 'light'], ['desktop', 'dark']]) {
        await as(world, { locale, size, scheme }, async (person) => {
          const { page } = person
          for (const [screen, path] of [['sign-in', '/sign-in'], ['register', '/register']]) {
            await page.goto(path)
            await look(person, screen)
          }
          await page.goto('/sign-in')
          await page.fill('#contact', 'nobody at all')
          await page.click('[data-testid=sign-in-form] button')
          await page.waitForSelector('[data-code=contact_unreadable]')
          await look(person, 'sign-in-refused')
          await person.context.addCookies(cookies)
          for (const [screen, path] of [
            ['own', '/account'],
            ['saved', '/account?done=saved'],
            ['contact-email', '/account/contacts/email'],
            ['contact-phone', '/account/contacts/phone'],
            ['line', '/account/lines'],
            ['confirm', '/account/confirm?next=/account/erase'],
            ['erase', '/account/erase'],
          ]) {
            await page.goto(path)
            await look(person, screen)
          }
          await page.click('[data-testid=erase-form] button')
          await page.waitForSelector('[data-code=erase_unsure]')
          await look(person, 'erase-unsure')
        })
      }
    })
  }
})

test('a wrong code says how many tries are left, and the clock for another one counts down', { timeout }, () =>
  as(world, { locale: 'zh-CN' }, async (person) => {
    const { page } = person
    await page.goto('/sign-in')
    await page.fill('#contact', 'nobody@example.org')
    await page.click('[data-testid=sign-in-form] button')
    await page.waitForSelector('[data-testid=code-form]')
    const first = await page.textContent('[data-testid=resend-at]')
    await until('the clock', async () => (await page.textContent('[data-testid=resend-at]')) !== first)
    await page.fill('#code', '123456')
    await page.click('[data-testid=code-form] button')
    await page.waitForSelector('[data-code=code_wrong]')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'code')
    await look(person, 'code-wrong')
  }))

test('each costs at most 60 KB over the wire', { timeout }, async () => {
  for (const path of ['/sign-in', '/register']) {
    await as(world, {}, async (person) => {
      const bytes = await wireBytes(person, path)
      assert.ok(bytes > 0 && bytes <= 60_000, `${path}: ${bytes} bytes`)
    })
  }
})
