// What people do to come in: codes that arrive by SMS and mail, registering, the office's sign-in with an
// authenticator app, and the doors of the demo's tour.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { until } from './harness.mjs'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The codes that arrived at a number or an address, newest first. */
async function codes(world, to) {
  const answer = await fetch(`${world.simulator}/inbox.json?to=${encodeURIComponent(to.replace(/^\+/, ''))}`)
  const messages = await answer.json()
  return messages.map(({ text }) => text.match(/(?<!\d)\d{6}(?!\d)/)?.[0]).filter(Boolean)
}

/** Does what sends a code, and enters it when it has arrived. */
export async function enterCode(world, { page }, to, send, see = async () => {}) {
  const before = (await codes(world, to)).length
  await send()
  await page.waitForSelector('[data-testid=code-form]')
  const arrived = await until('a code', async () => {
    const now = await codes(world, to)
    return now.length > before && now[0]
  })
  await see()
  await page.fill('#code', arrived)
  await page.click('[data-testid=code-form] button')
}

/** Registers with a number, which is in the account then; `see(screen)` is called on every screen. */
export async function register(world, person, email, number, see = async () => {}) {
  const { page } = person
  await page.goto('/sign-in')
  await page.click('[data-testid=to-register]')
  await page.fill('#email', email)
  await enterCode(world, person, email, () => page.click('[data-testid=register-form] button'), () => see('code-email'))
  await page.waitForSelector('[data-testid=details-form]')
  await page.fill('#msisdn', number)
  await page.fill('#name', 'Ana')
  assert.equal(await page.isChecked('[name=by_sms]'), false, 'nothing is agreed to beforehand')
  await see('details')
  const send = () => page.click('[data-testid=details-form] button[type=submit]')
  await enterCode(world, person, number, send, () => see('code-phone'))
  await page.waitForURL((url) => !['/code', '/sign-in'].includes(url.pathname))
}

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

/** Signs in to the office as staff does: name, passphrase and a code. */
export async function signInToOffice(world, { page }, role) {
  const member = world.staff.find((one) => one.role === role)
  await page.goto('/office')
  await page.waitForSelector('[data-testid=office-sign-in]')
  await page.fill('#login', member.login)
  await page.fill('#passphrase', member.passphrase)
  await page.fill('#code', await freshCode(member))
  await page.click('[data-testid=office-sign-in] button[type=submit]')
  await page.waitForSelector('[data-testid=tile-made]')
}

/** Opens a door of the tour and waits for the place behind it. */
export async function openDoor({ page }, door, path) {
  await page.goto('/demo')
  await page.click(`[data-testid=door-${door}]`)
  await page.waitForURL((url) => url.pathname === path)
}
