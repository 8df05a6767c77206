// Accounts in a browser: registering, signing in by code on another device, taking one's data along and erasing the
// account, with and without JavaScript.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { as, open, PAIRS, screenshot, told, until } from './harness.mjs'
import { enterCode, register } from './people.mjs'

const timeout = 240_000
/** Between two codes to one address half a minute passes. */
const PAUSE = 31_000
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** The same person's other device. */
const other = ({ locale, size, script }) => ({ locale, size: size === 'phone' ? 'desktop' : 'phone', script: !script })

/** Signs in on another device, ends it from the first one, and sees that it is out. */
async function signInElsewhere(way, person, email) {
  await as(world, other(way), async (device) => {
    await device.page.goto('/account')
    await device.page.fill('#contact', email)
    await enterCode(world, device, email, () => device.page.click('[data-testid=sign-in-form] button'))
    await device.page.waitForURL('**/account')
    await person.page.reload()
    assert.equal(await person.page.locator('[data-testid=device]').count(), 2)
    await person.page.locator('[data-testid=device] form button').first().click()
    await person.page.waitForSelector('[data-done=device_ended]')
    await device.page.reload()
    await device.page.waitForURL('**/sign-in?next=%2Faccount')
  })
}

async function takeData({ page }) {
  const waiting = page.waitForEvent('download')
  await page.locator('[data-testid=export]').click()
  const download = await waiting
  assert.equal(download.suggestedFilename(), 'account.zip')
  const bytes = await readFile(await download.path())
  assert.ok(bytes.subarray(0, 2).toString() === 'PK' && bytes.includes('.json'), 'a ZIP with the data as JSON in it')
}

async function eraseAccount({ page }) {
  await page.click('[data-testid=erase]')
  await page.waitForSelector('[data-testid=erase-form]')
  await page.check('#sure')
  await page.click('[data-testid=erase-form] button')
  await page.waitForSelector('[data-testid=sign-in-form], [data-testid=number-form], [data-testid=note]')
  await page.goto('/account')
  await page.waitForURL('**/sign-in?next=%2Faccount')
}

// They wait more than they work: side by side.
describe('somebody registers, signs in elsewhere, takes the data along, and leaves for good', { concurrency: PAIRS.length }, () => {
  for (const [n, way] of PAIRS.entries()) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const [number, email] = [`+861380013800${n + 1}`, `somebody.${n}@example.org`]
        await register(world, person, email, number, (screen) => screenshot(person, `register-${screen}`))
        await person.page.goto('/account')
        assert.equal(await person.page.getAttribute('html', 'lang'), way.locale)
        await takeData(person)
        const registered = Date.now()
        await until('the pause between two codes', () => Date.now() - registered > PAUSE, PAUSE * 2)
        await signInElsewhere(way, person, email)
        await eraseAccount(person)
      }))
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
  }))

test('a code can be pasted as the message has it', { timeout }, () =>
  as(world, {}, async ({ page }) => {
    await page.goto('/sign-in')
    await page.fill('#contact', 'pasted@example.org')
    await page.click('[data-testid=sign-in-form] button')
    await page.focus('#code')
    await page.evaluate(() => {
      const data = new DataTransfer()
      data.setData('text/plain', '123 456')
      const pasted = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      // Nobody forbids it; then the browser puts it in.
      if (document.activeElement.dispatchEvent(pasted)) document.execCommand('insertText', false, '123 456')
    })
    assert.equal(await page.inputValue('#code'), '123 456')
    await page.click('[data-testid=code-form] button')
    await page.waitForSelector('[data-code=code_wrong]')
  }))
