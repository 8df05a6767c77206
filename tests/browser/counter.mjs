// How people come to a counter: an owner who was invited pairs a browser and chooses a PIN, by keyboard alone.
import assert from 'node:assert/strict'

const id = (name) => `[data-testid="${name}"]`
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const PIN = '4913'
/** The first clerk of an agent is its owner, with this number. */
export const OWNER = '11'

/** An id such as the program makes: a prefix and a ULID. */
function newId(prefix) {
  const letters = Array.from({ length: 18 }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)])
  return `${prefix}_01JD9Z3K${letters.join('')}`
}

/** The one-time code of an invited owner of a new agent with one shop. */
export async function invite(world, locale) {
  const words = ['counter', 'invite-owner', '--agent', newId('ag'), '--place', newId('plc')]
  const printed = await world.admin(...words, '--name', locale === 'en' ? 'Li Na' : '李娜', '--locale', locale)
  return printed.split(' ')[0]
}

/** The one-time code of an invited owner of the demo's shop, and the number that the owner has there. */
export async function inviteToShop(world, locale) {
  const shop = (await world.admin('counter', 'shops')).split('\n')[0].split('\t')[0]
  const words = ['counter', 'invite-owner', '--shop', shop, '--name', locale === 'en' ? 'Li Na' : '李娜']
  const [code, number] = (await world.admin(...words, '--locale', locale)).split(' ')
  return { code, number }
}

/** Presses keys one after the other; what has more than one letter is the name of a key. */
export async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key)
}

/** Pairs a browser with a code: typed, then Enter. */
export async function pair({ page }, code) {
  await page.goto('/agent')
  await page.waitForSelector(id('pair-form'))
  await onField(page, 'code')
  await page.keyboard.type(code)
  await press(page, 'Enter')
  await page.waitForSelector(id('unlock-form'))
}

/** Is the focus where somebody types next? */
export async function onField(page, field) {
  await page.waitForFunction((wanted) => document.activeElement?.id === wanted, field)
}

/** Somebody who chooses a PIN with a one-time code, and is in then. */
export async function choosePin({ page }, number, code, pin = PIN) {
  await page.goto(`/agent/first-pin?clerk=${number}`)
  await onField(page, 'code')
  await page.keyboard.type(code)
  await press(page, 'Tab')
  await page.keyboard.type(pin)
  await press(page, 'Tab')
  await page.keyboard.type(pin)
  await press(page, 'Enter')
  await page.waitForSelector(id('counter-home'))
}

/** Unlocks by number and PIN, without a mouse. */
export async function unlock({ page }, number, pin = PIN) {
  await page.waitForSelector(id('unlock-form'))
  await page.waitForFunction(() => document.activeElement?.matches('.person input'))
  await page.keyboard.type(number)
  await press(page, 'Enter')
  await onField(page, 'pin')
  await page.keyboard.type(pin)
  await press(page, 'Enter')
}

/** A counter of a new agent, unlocked by its owner. */
export async function openCounter(world, person) {
  const code = await invite(world, person.locale)
  await pair(person, code)
  await choosePin(person, OWNER, code)
}

/** A counter of the demo's shop, unlocked by an owner of it, with an open till. */
export async function openShop(world, person) {
  const { code, number } = await inviteToShop(world, person.locale)
  person.number = number
  await pair(person, code)
  await choosePin(person, number, code)
  const { page } = person
  await page.goto('/agent/till')
  await page.fill('#start', '50')
  await press(page, 'Enter')
  await page.waitForSelector(id('number-form'))
}

/** From the field of the number to the products. */
export async function toProducts({ page }, number = '07400123456') {
  await page.goto('/agent/sale')
  await onField(page, 'msisdn')
  await page.keyboard.type(number)
  await press(page, 'Enter')
  await page.waitForSelector(id('offer'))
}

/** From the field of the number to what is due for ten pounds. */
export async function toPay(person, number) {
  const { page } = person
  await toProducts(person, number)
  await page.locator('[data-offer="gb-credit-10"] button').press('Enter')
  await page.waitForSelector(id('due'))
}

/** Sells ten pounds of credit to a number, by keyboard alone: number, product, the exact sum. */
export async function sellTen(person, number) {
  const { page } = person
  await toPay(person, number)
  await press(page, '1')
  await page.waitForSelector(id('outcome'))
}

/** Goes to a page of a counter that was opened before, and unlocks it again if it has locked itself. */
export async function backAt(person, path) {
  const { page } = person
  await page.goto('/agent')
  if (await page.locator(id('unlock-form')).count()) await unlock(person, person.number ?? OWNER)
  await page.waitForSelector(id('counter-home'))
  await page.goto(path)
}

/** Fails when something that is touched at a counter is lower or narrower than 48 px. */
export async function largeTargets(page) {
  const small = await page.evaluate(() => {
    const controls = document.querySelectorAll('main :is(a.button, a.key, button, select, summary, input:not([type=hidden])), header button, header nav a')
    const boxes = [...controls].filter((one) => one.offsetParent).map((one) => {
      const touched = one.matches('[type=radio], [type=checkbox]') ? one.closest('label') : one
      const { width, height } = touched.getBoundingClientRect()
      return { name: (one.id || one.textContent).trim(), width, height }
    })
    return boxes.filter(({ width, height }) => width < 47.5 || height < 47.5)
  })
  assert.deepEqual(small, [], `small targets at ${page.url()}`)
}
