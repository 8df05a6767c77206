// What somebody at a counter does in a day, by keys alone: each step counts the keys it took. Amounts are in pence.
// A step that is not here yet (another tender, a document, the printer) is a function of this kind, called from a day.
import assert from 'node:assert/strict'
import { inviteToShop, onField, PIN } from './counter.mjs'
import { tabTo, until } from './harness.mjs'

const id = (name) => `[data-testid="${name}"]`
export const NUMBER = '07400123456'
/** What a currency of the demo's shop is counted in, largest first. */
const PIECES = [5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1]

/** The hands of a person: keys, counted. There is no mouse in this file. */
export function hands(person) {
  const { page } = person
  const hand = {
    ...person,
    strokes: 0,
    press: async (...keys) => {
      hand.strokes += keys.length
      for (const key of keys) await page.keyboard.press(key)
    },
    type: async (text) => {
      hand.strokes += text.length
      // Slower than a scanner, so that it is taken for a person.
      for (const letter of text) {
        await page.keyboard.press(letter === ' ' ? 'Space' : letter)
      }
    },
    to: async (selector) => {
      await tabTo(page, selector)
    },
  }
  return hand
}

/** A sum as a page writes it, in pence. */
export function pence(text) {
  const digits = text.replace(/[^\d.-]/g, '')
  return Math.round(Number(digits) * 100)
}

export async function shown(page, name) {
  return pence(await page.locator(id(name)).first().innerText())
}

/** An owner comes with a one-time code: pairs the device, chooses a PIN, unlocks. */
export async function comeIn(world, hand) {
  const { page } = hand
  const { code, number } = await inviteToShop(world, hand.locale)
  hand.number = number
  await page.goto('/agent')
  await onField(page, 'code')
  await hand.type(code)
  await hand.press('Enter')
  // Nobody has a PIN yet: whoever unlocks is led to where one is chosen.
  await unlock(hand, number, '0000')
  await page.waitForSelector(id('first-pin-form'))
  await firstPin(hand, code, PIN)
}

async function firstPin(hand, code, pin) {
  await onField(hand.page, 'code')
  await hand.type(code)
  await hand.press('Tab')
  await hand.type(pin)
  await hand.press('Tab')
  await hand.type(pin)
  await hand.press('Enter')
  await hand.page.waitForSelector(id('counter-home'))
}

export async function unlock(hand, number, pin = PIN) {
  const { page } = hand
  await page.waitForSelector(id('unlock-form'))
  await page.waitForFunction(() => document.activeElement?.matches('.person input'))
  await hand.type(number)
  await hand.press('Enter')
  await onField(page, 'pin')
  await hand.type(pin)
  await hand.press('Enter')
}

/** Opens the till with so much in it. */
export async function openTill(hand, start) {
  const { page } = hand
  await hand.press('F8')
  await onField(page, 'start')
  await hand.type(String(start / 100))
  await hand.press('Enter')
  await page.waitForSelector(id('number-form'))
}

/** A clerk who was added by the owner, and who has chosen a PIN at this device. Gives the clerk's number. */
export async function addClerk(hand, name, pin) {
  const { page } = hand
  await hand.to('.counter-nav a[href="/agent/owner/clerks"]')
  await hand.press('Enter')
  await onField(page, 'name')
  await hand.type(name)
  await hand.press('Enter')
  await page.waitForSelector(id('new-code'))
  const code = await page.locator(`${id('new-code')} .code`).innerText()
  const number = await page.locator(`${id('clerks')} li`).last().getAttribute('data-number')
  await hand.press('F9')
  await unlock(hand, number, '0000')
  await page.waitForSelector(id('first-pin-form'))
  await firstPin(hand, code, pin)
  return number
}

/** From anywhere to the field of the number. */
async function atNumber(hand) {
  await hand.press('F2')
  await onField(hand.page, 'msisdn')
}

/** Types a number and goes on to the products. */
export async function giveNumber(hand, number = NUMBER) {
  await atNumber(hand)
  await hand.type(number)
  await hand.press('Enter')
  await hand.page.waitForSelector(id('offer'))
}

/** A scanner, wherever the focus is: faster than a hand, and Enter at its end. */
export async function scanNumber(hand, number = NUMBER) {
  await atNumber(hand)
  await hand.press('Tab')
  await hand.page.waitForFunction(() => document.activeElement?.id !== 'msisdn')
  await hand.page.evaluate((keys) => {
    for (const key of keys) {
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    }
  }, [...number, 'Enter'])
  await hand.page.waitForSelector(id('offer'))
}

/** The product of a name in the catalogue, by the digit that stands on it. */
export async function chooseProduct(hand, offer) {
  await hand.press(await hand.page.locator(`[data-offer="${offer}"] [data-key]`).getAttribute('data-key'))
  await hand.page.waitForSelector(id('due'))
}

/** A product that needs a look at a document, and the lines of one as a reader types them. */
export async function showDocument(hand, offer, lines) {
  const { page } = hand
  await hand.press(await page.locator(`[data-offer="${offer}"] [data-key]`).getAttribute('data-key'))
  await page.waitForSelector(id('id-check'))
  await onField(page, 'scan')
  await hand.type(lines[0])
  await hand.press('Enter')
  await hand.type(lines[1])
  await hand.to(`form${id('id-check')} button[type=submit]`)
  await hand.press('Enter')
}

/** An amount of the customer's own choice. */
export async function chooseAmount(hand, amount) {
  await hand.to('#amount')
  await hand.type(String(amount / 100))
  await hand.press('Enter')
  await hand.page.waitForSelector(id('due'))
}

/** The last sale of this shift once more, up to what is due. */
export async function repeat(hand) {
  await atNumber(hand)
  await hand.press('F4')
  await hand.page.waitForSelector(id('due'))
}

/** What stands in front of the customer: the whole number and the total. */
export async function readDue(hand) {
  const { page } = hand
  assert.equal((await page.locator(id('number')).innerText()).replace(/\D/g, ''), '447400123456', 'the whole number')
  return shown(page, 'due')
}

/** The key of a note, which takes the cash and sells. */
export async function takeNote(hand, given, word) {
  const key = await hand.page.locator(id('note')).evaluateAll((forms, wanted) => {
    const form = forms.find((one) => Number(one.elements.given.value) * 100 === wanted)
    return form?.querySelector('[data-key]').dataset.key
  }, given)
  assert.ok(key, `there is no key for ${given}`)
  await hand.press(key)
  return outcome(hand, word)
}

/** Cash for which there is no key. */
export async function takeOther(hand, given) {
  await hand.to('#given')
  await hand.type(String(given / 100))
  await hand.press('Enter')
  return outcome(hand)
}

/** The owner says which card reader stands beside this device. */
export async function setReader(hand, reader) {
  const { page } = hand
  await hand.to('.counter-nav a[href="/agent/owner/devices"]')
  await hand.press('Enter')
  await page.waitForSelector(id('devices'))
  const mine = await page.locator(`${id('devices')} li:has(${id('this-device')})`).getAttribute('data-device')
  await hand.to(`[data-device="${mine}"] ${id('reader-form')} input`)
  await hand.type(reader.id)
  await hand.press('Enter')
  await page.waitForSelector(id('reader-set'))
}

export async function setPrinter(hand, address) {
  const { page } = hand
  await hand.to('.counter-nav a[href="/agent/owner/devices"]')
  await hand.press('Enter')
  await page.waitForSelector(id('devices'))
  const mine = await page.locator(`${id('devices')} li:has(${id('this-device')})`).getAttribute('data-device')
  await hand.to(`[data-device="${mine}"] details:has(${id('printer-form')}) > summary`)
  await hand.press('Enter')
  await hand.to(`[data-device="${mine}"] ${id('printer-form')} input`)
  await hand.type(address)
  await hand.press('Enter')
  await page.waitForSelector(id('printer-set'))
}

/** Closes the day of the shop over all its tills. */
export async function closeDay(hand) {
  const { page } = hand
  await hand.press('F8')
  await page.waitForSelector(id('to-day'))
  await hand.to(id('to-day'))
  await hand.press('Enter')
  await page.waitForSelector('form[action="/agent/till/day"]')
  await hand.to('form[action="/agent/till/day"] button')
  await hand.press('Enter')
  await page.waitForSelector(id('day-report'))
}

/** The slip of the sale on the screen comes to this. */
export async function slipIs({ page }, stage) {
  await page.waitForSelector(`${id('paper')}[data-stage=${stage}]`)
}

/** A card pays the whole: the key is pressed, the reader waits, the customer's card decides. */
export async function takeCard(hand, reader, card) {
  await hand.press(await hand.page.locator(`${id('card-form')} [data-key]`).getAttribute('data-key'))
  return atReader(hand, reader, card)
}

/** So much in cash, the rest by card. */
export async function takeSplit(hand, cash, reader, card) {
  await hand.to('#cash')
  await hand.type(String(cash / 100))
  await hand.press('Enter')
  return atReader(hand, reader, card)
}

async function atReader(hand, reader, card) {
  const { page } = hand
  await page.waitForSelector(`${id('outcome')}[data-word=pending]`)
  await page.waitForSelector(`${id('asked')}[data-on-reader=under_way]`)
  await reader.insert(card)
  // Nobody presses anything: the page looks by itself.
  return outcome(hand)
}

/** Waits for the word that a sale ends with; it stands there, coloured and heard. Gives the order's code. */
export async function outcome({ page }, word = 'accepted') {
  await page.waitForSelector(`${id('outcome')}[data-word=${word}]`)
  return page.locator(id('code')).innerText()
}

/** Takes back what is on the screen. */
export async function reverse(hand) {
  const { page } = hand
  await hand.to(`${id('undo')} summary`)
  await hand.press('Enter')
  await hand.to('#reason')
  await hand.press('ArrowDown')
  await hand.to(`${id('undo')} button`)
  await hand.press('Enter')
  await page.waitForSelector(`${id('outcome')}[data-state=reversed]`)
}

/** Kills the server and waits until it has been started again on the same data. */
export async function powerCut(world) {
  const before = await world.serverPid()
  process.kill(before, 'SIGKILL')
  await until('the server to come back', async () => {
    const now = await world.serverPid()
    return now && now !== before
  }, 60_000)
}

/** Counts the till blind, piece by piece, closes it, and comes to the Z report. */
export async function countAndClose(hand, cash) {
  const { page } = hand
  await hand.press('F8')
  await page.waitForSelector(id('count'))
  assert.equal(await page.locator(id('expected')).count(), 0, 'what should be there is said after the count')
  let left = cash
  for (const piece of PIECES) {
    const pieces = Math.floor(left / piece)
    left -= pieces * piece
    if (!pieces) continue
    await hand.to(`#d${piece}`)
    await hand.type(String(pieces))
  }
  await hand.press('Enter')
  await page.waitForSelector(id('close'))
  assert.equal(await shown(page, 'counted'), cash)
  assert.equal(await shown(page, 'expected'), cash)
  assert.equal(await page.locator(id('difference')).count(), 0)
  await page.waitForFunction(() => document.activeElement?.matches('button'))
  await hand.press('Enter')
  await page.waitForSelector(id('report'))
}
