// The office as staff walks through it: signing in with a real code, finding an order, reading why it waits, showing a
// number with a reason. In both languages, on phone and desktop, light and dark, with and without scripts.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { accessible, as, noSidewaysScroll, open, screenshot, tabTo, until } from './harness.mjs'
import { buy } from './steps.mjs'

const timeout = 240_000
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
let world
let code
before(async () => {
  world = await open()
  await as(world, {}, async (person) => { ({ code } = await buy(world, person)) })
}, { timeout })
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

/** A step of 30 s whose code nobody has used: each is taken once. The server takes the next one too. */
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
  await page.waitForSelector('[data-testid=office-sign-in]')
  await page.fill('#login', member.login)
  await page.fill('#passphrase', member.passphrase)
  await page.fill('#code', await freshCode(member))
  await page.click('[data-testid=office-sign-in] button[type=submit]')
  await page.waitForSelector('[data-testid=tile-made]')
}

async function look(person, screen) {
  await accessible(person.page)
  await noSidewaysScroll(person.page)
  await screenshot(person, `office-${screen}`, true)
}

async function find(person, what) {
  await person.page.fill('#find', what)
  await person.page.press('#find', 'Enter')
}

describe('a supervisor walks through the office', () => {
  for (const [locale, size, scheme] of [['en', 'desktop', 'light'], ['zh-CN', 'desktop', 'dark'], ['zh-CN', 'phone', 'light'], ['en', 'phone', 'dark']]) {
    test(`in ${locale}, on a ${size}, ${scheme}`, { timeout }, () =>
      as(world, { locale, size, scheme }, async (person) => {
        const { page } = person
        await page.goto('/office/sign-in')
        await look(person, 'sign-in')
        await signIn(person, 'supervisor')
        await look(person, 'overview')
        await find(person, code)
        await page.waitForSelector('[data-testid=story]')
        assert.match(page.url(), new RegExp(`/office/orders/${code}$`))
        await look(person, 'order')
        await find(person, world.line)
        await page.waitForSelector('[data-testid=orders]')
        assert.match(page.url(), /\/office\/lines\/line_/)
        assert.ok(!(await page.content()).includes(world.line.replace('+', '')), 'the number is masked')
        await page.fill('#reason', 'The customer asked for it')
        await page.click('[data-testid=reveal-form] button[value=number]')
        await page.waitForSelector('[data-testid=revealed]')
        assert.ok(!page.url().includes(world.line.slice(-6)), 'no number in the address')
        await look(person, 'revealed')
        for (const path of ['orders', 'search', 'dead', 'open-refunds', 'catalogue', 'promotions', 'audit', 'staff']) {
          await page.goto(`/office/${path}`)
          await look(person, path)
        }
      }))
  }
})

test('without scripts everything works, and a clerk is told what is for supervisors', { timeout }, () =>
  as(world, { script: false }, async (person) => {
    const { page } = person
    await signIn(person, 'clerk')
    await find(person, code)
    await page.waitForSelector('[data-testid=story]')
    await page.goto('/office/audit')
    await page.waitForSelector('[data-testid=forbidden]')
    await page.click('[data-testid=sign-out] button')
    await page.waitForSelector('[data-testid=office-sign-in]')
  }))

test('the slash key leads to the search field', { timeout }, () =>
  as(world, { size: 'desktop' }, async (person) => {
    const { page } = person
    await signIn(person, 'clerk')
    await tabTo(page, '[data-find]')
    await page.click('h1')
    await page.keyboard.press('/')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'find')
  }))
