// Support on the portal and the pages of care in the office: in both languages, on phone and desktop, light and dark,
// with and without scripts.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { accessible, as, noSidewaysScroll, open, screenshot, until } from './harness.mjs'
import { buy } from './steps.mjs'

const timeout = 240_000
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** The code of an authenticator app, RFC 6238. */
function totp(secret, step) {
  let bits = ''
  for (const letter of secret) bits += LETTERS.indexOf(letter).toString(2).padStart(5, '0')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = mac[19] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const used = new Map()

/** A step of 30 s whose code nobody has used: each is taken once. */
async function freshCode(member) {
  const now = () => Math.floor(Date.now() / 30_000)
  const step = await until('a code that was not used', () => {
    const next = Math.max(now(), (used.get(member.login) ?? 0) + 1)
    return next <= now() + 1 && next
  }, 70_000)
  used.set(member.login, step)
  return totp(member.totp, step)
}

async function signIn(person, role) {
  const member = world.staff.find((one) => one.role === role)
  const { page } = person
  await page.goto('/office')
  await page.fill('#login', member.login)
  await page.fill('#passphrase', member.passphrase)
  await page.fill('#code', await freshCode(member))
  await page.click('[data-testid=office-sign-in] button[type=submit]')
  await page.waitForSelector('[data-testid=tile-made]')
}

async function look(person, screen) {
  // axe needs scripts of its own.
  if (person.script) await accessible(person.page)
  await noSidewaysScroll(person.page)
  await screenshot(person, `care-${screen}`, true)
}

/** Asks about an order that this browser bought; the code of the question. */
async function ask(person, code, words) {
  const { page } = person
  await page.goto(`/o/${code}`)
  await page.click('[data-testid=order-trouble] a')
  await page.waitForSelector('[data-testid=support-form]')
  assert.match(await page.textContent('[data-testid=support-known]'), /£\d+/)
  await page.click('label[for=cause-not_arrived]')
  await page.fill('#text', words)
  await look(person, 'support-form')
  await page.click('[data-testid=support-form] button[type=submit]')
  await page.waitForSelector('[data-testid=case-sent]')
  return new URL(page.url()).pathname.split('/')[2]
}

describe('a guest writes to support and reads the answer', () => {
  const ways = [['en', 'phone', 'light', true], ['zh-CN', 'phone', 'dark', false], ['zh-CN', 'desktop', 'light', true], ['en', 'desktop', 'dark', false]]
  for (const [locale, size, scheme, script] of ways) {
    test(`in ${locale}, on a ${size}, ${scheme}, ${script ? 'with' : 'without'} scripts`, { timeout }, () =>
      as(world, { locale, size, scheme, script }, async (person) => {
        const { page } = person
        await page.goto('/support')
        await look(person, 'support-start')
        const { code } = await buy(world, person)
        const question = await ask(person, code, 'Where is it?\n4242 4242 4242 4242')
        assert.ok(!(await page.content()).includes('4242 4242'))
        await look(person, 'support-case')
        await page.goto('/support')
        await page.waitForSelector('[data-testid=support-cases]')
        await look(person, 'support-own')
        await as(world, { locale, size, scheme, script }, async (stranger) => {
          await stranger.page.goto(`/support/${question}`)
          await stranger.page.waitForSelector('[data-testid=case-proof]')
          await look(stranger, 'support-proof')
        })
      }))
  }
})

test('a form without a text says so at its field', { timeout }, () =>
  as(world, { script: false }, async (person) => {
    const { page } = person
    await page.goto('/support?order=none')
    await page.click('label[for=cause-other]')
    await page.fill('#email', 'li@example.com')
    await page.fill('#text', ' ')
    await page.click('[data-testid=support-form] button[type=submit]')
    const summary = page.locator('[data-testid=error-summary]')
    assert.equal(await summary.getAttribute('data-code'), 'text_missing')
    assert.equal(await summary.getAttribute('role'), 'alert')
    await look(person, 'support-problem')
  }))

describe('staff answers, and looks at what is stuck', () => {
  for (const [locale, scheme] of [['en', 'light'], ['zh-CN', 'dark']]) {
    test(`in ${locale}, ${scheme}`, { timeout }, async () => {
      let question
      let code
      await as(world, { locale: 'zh-CN' }, async (buyer) => {
        code = (await buy(world, buyer)).code
        question = await ask(buyer, code, '怎么还没到账？')
        await as(world, { locale, size: 'desktop', scheme }, async (person) => {
          const { page } = person
          await signIn(person, 'supervisor')
          await page.goto('/office/cases')
          await look(person, 'cases')
          await page.goto(`/office/cases/${question}`)
          await page.click('[data-saved=looking]')
          await page.waitForURL('**saved=looking**')
          assert.ok((await page.inputValue('#text')).includes('感谢您的留言'), 'in the language of the customer')
          await look(person, 'case')
          await page.click('[data-testid=desk-form] button[value=answer]')
          await page.waitForSelector('[data-testid=case-state][data-state=answered]')
          await page.goto('/office/stuck')
          await look(person, 'stuck')
          const choices = page.locator('[data-testid=stuck] input[type=checkbox]')
          if (await choices.count()) {
            await choices.first().check()
            await page.locator('.mends button').first().click()
            await page.waitForURL('**/preview')
            await look(person, 'stuck-preview')
          }
          await page.goto(`/office/refunds/ask?code=${code}`)
          await look(person, 'refund-ask')
          await page.selectOption('#reason', 'wrong_number')
          await page.fill('#note', 'It was a wrong number.')
          await page.click('[data-testid=refund-ask] button[type=submit]')
          await page.waitForSelector('[data-testid=refund-withdraw]')
          await look(person, 'refund')
          await page.goto('/office/refunds')
          await look(person, 'refunds')
          await page.goto('/office/limits')
          await look(person, 'limits')
          await page.click('[data-key="switch.paypal"] a')
          await page.waitForSelector('[data-testid=setting]')
          await look(person, 'setting')
        })
        await buyer.page.goto(`/support/${question}`)
        await buyer.page.waitForSelector('[data-testid=case-state][data-state=answered]')
        await look(buyer, 'support-answered')
        await buyer.page.check('[name=rating][value="5"]')
        await buyer.page.click('[data-testid=case-rate] button')
        await buyer.page.waitForSelector('[data-testid=case-rated]')
      })
    })
  }
})
