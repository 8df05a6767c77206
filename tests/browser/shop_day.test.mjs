// A shop's day by keyboard alone, on the screen of a till and on a phone, in both languages: from pairing to the Z report,
// with a lock, a locked-out clerk, a press without a network and a power cut. The steps are in shop_day.mjs.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { largeTargets, onField, PIN } from './counter.mjs'
import { as, open, screenshot, tabTo } from './harness.mjs'
import { noSidewaysScroll } from './looks.mjs'
import { CARDS } from './steps.mjs'
import {
  NUMBER, addClerk, chooseAmount, chooseProduct, closeDay, comeIn, countAndClose, giveNumber, hands, openTill, outcome, powerCut, readDue,
  repeat, reverse, scanNumber, setPrinter, setReader, showDocument, shown, slipIs, takeCard, takeNote, takeOther, takeSplit, unlock,
} from './shop_day.mjs'

const timeout = 240_000
const id = (name) => `[data-testid="${name}"]`
const TILL = { width: 1024, height: 768 }
const PHONE = { width: 390, height: 844 }
const START = 5000
const BENS_PIN = '8264'
/** The passport that ICAO 9303 part 4 shows as its sample; it ended in April 2012. */
const EXPIRED = ['P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', 'L898902C36UTO7408122F1204159ZE184226B<<<<<10']
let world
before(async () => { world = await open({ pastDays: 1 }) }, { timeout })
after(() => world?.close())

/** What everybody wants of each screen of the day. */
async function see(hand, name) {
  const { page } = hand
  await largeTargets(page)
  await noSidewaysScroll(page)
  await screenshot({ ...hand, size: page.viewportSize().width }, `day-${name}`)
}

/** Sales, each paid in another way; what each took stays in `sold`, with what of it was cash. */
async function sellSome(hand, sold, reader) {
  const { page } = hand
  const keep = async (code, due, cash = due) => sold.set(code, { due, cash })
  // A number that is refused takes the focus to why; the next one is typed at once.
  await hand.press('F2')
  await onField(page, 'msisdn')
  await hand.type('07000000000')
  await hand.press('Enter')
  await page.waitForSelector(id('error-summary'))
  await see(hand, 'refused')
  await hand.type(NUMBER)
  await hand.press('Enter')
  await page.waitForSelector(id('offer'))
  await see(hand, 'products')
  await chooseProduct(hand, 'gb-credit-10')
  assert.equal(await readDue(hand), 1000)
  await see(hand, 'pay')
  await hand.press('F6')
  await page.waitForSelector('[data-customer].turned')
  await see(hand, 'turned')
  await hand.press('F6')
  await keep(await takeNote(hand, 2000), 1000)
  assert.equal(await shown(page, 'change'), 1000, 'what goes back is on the screen')
  await see(hand, 'accepted')

  const before = hand.strokes
  await repeat(hand)
  assert.equal(await readDue(hand), 1000)
  await keep(await takeNote(hand, 1000), 1000)
  assert.ok(hand.strokes - before <= 6, `${hand.strokes - before} keys for a sale that repeats one`)

  await scanNumber(hand)
  await chooseProduct(hand, 'gb-credit-20')
  const due = await readDue(hand)
  await keep(await takeOther(hand, due + 500), due)
  assert.equal(await shown(page, 'change'), 500)

  await repeat(hand)
  await keep(await takeCard(hand, reader, CARDS.pays), due, 0)
  await see(hand, 'paid-by-card')
  await repeat(hand)
  await keep(await takeSplit(hand, 700, reader, CARDS.pays), due, 700)
  await see(hand, 'paid-by-both')
}

/** A sale that needs a document is not made with one that has ended; the screen says so, and the next sale goes on. */
async function refuseDocument(hand) {
  const { page } = hand
  await giveNumber(hand)
  await showDocument(hand, 'gb-credit-50', EXPIRED)
  await page.waitForSelector(`${id('error-summary')}[data-code=expired]`)
  assert.equal(await page.locator(id('note')).count(), 0, 'it cannot be paid')
  await see(hand, 'document-refused')
  await hand.press('Escape')
  await page.waitForSelector(id('number-form'))
}

/** The X report has these sales and no other. */
async function soldAre(hand, sold) {
  const { page } = hand
  await hand.press('F8')
  await page.waitForSelector(id('count'))
  await hand.to(id('x-report'))
  await hand.press('Enter')
  await page.waitForSelector(id('report'))
  assert.equal(await page.locator(id('sales')).innerText(), String(sold.size))
}

/** A press without a network takes nothing, says so, and can be made again; the key is the same one. */
async function pressOffline(hand, sold) {
  const { page, context } = hand
  await giveNumber(hand)
  await chooseAmount(hand, 700)
  const due = await readDue(hand)
  await context.setOffline(true)
  await page.waitForSelector('[data-online].off')
  await hand.press('1')
  await page.waitForSelector(`${id('trouble')}[data-what=unsent]:not([hidden])`)
  await see(hand, 'offline')
  // Another page cannot be had either: this one stays, and what is on it.
  await hand.press('F2')
  assert.equal(await shown(page, 'due'), due)
  await context.setOffline(false)
  await page.waitForSelector(`${id('trouble')}[hidden]`, { state: 'attached' })
  sold.set(await takeNote(hand, due), { due, cash: due })
  await soldAre(hand, sold)
}

/** A printer without paper holds up nobody: the receipt is on the screen, and the slip comes out when there is paper. */
async function sellWithoutPaper(hand, sold) {
  const { page } = hand
  await world.printer.is({ paper: 'out' })
  await repeat(hand)
  const due = await readDue(hand)
  sold.set(await takeNote(hand, due), { due, cash: due })
  await slipIs(hand, 'waiting')
  await page.waitForSelector(`${id('proof')}[open]`)
  await see(hand, 'no-paper')
  await world.printer.is({})
  await slipIs(hand, 'printed')
  await see(hand, 'printed')
}

/** The power goes after a sale was sent: its answer is lost, and the sale is asked for, not made again. */
async function sellInPowerCut(hand, sold) {
  const { page } = hand
  await repeat(hand)
  const due = await readDue(hand)
  let sent = 0
  let cut = null
  await page.route('**/agent/sale/sell', async (route) => {
    sent += 1
    await route.fetch({ maxRedirects: 0 })
    cut = powerCut(world)
    await route.abort()
  })
  await hand.press('1', '1', '2')
  await page.waitForSelector(`${id('trouble')}[data-what=unknown]:not([hidden])`)
  assert.equal(sent, 1, 'a key that is pressed twice sends once')
  await see(hand, 'unknown')
  await page.unroute('**/agent/sale/sell')
  await cut
  await hand.to('[data-ask-again]')
  await hand.press('Enter')
  const code = await outcome(hand)
  assert.ok(!sold.has(code), 'it is the sale of this press')
  assert.ok(await page.locator(id('again')).count(), 'the screen says that it was sold before')
  await see(hand, 'found-again')
  sold.set(code, { due, cash: due })
  await soldAre(hand, sold)
}

/** Two minutes without a key, by the page's own clock. */
async function leaveAlone(hand) {
  const { page } = hand
  await page.clock.install()
  await hand.press('F1')
  await page.waitForSelector(id('counter-home'))
  // The page counts from its arrival, which gives the focus.
  await page.waitForFunction(() => document.activeElement?.closest('main'))
  await page.clock.fastForward('01:55')
  await page.waitForSelector('[data-lock-count]:not([hidden])')
  // The last seconds are lived through, by a clock that is right.
  await page.clock.setSystemTime(new Date())
  await page.waitForSelector(id('unlock-form'))
  await page.waitForSelector(id('lapsed'))
  await see(hand, 'locked')
}

/** A clerk types a wrong PIN three times, and the owner lets them in. */
async function lockedOut(hand, clerk) {
  const { page } = hand
  const locked = `${id('error-summary')}[data-code=pin_locked]`
  await unlock(hand, clerk, '5937')
  for (let tries = 1; tries <= 4; tries += 1) {
    await page.waitForFunction(() => document.querySelector('[data-testid=error-summary]') && document.querySelector('#pin').value === '')
    if (await page.locator(locked).count()) break
    await hand.to('#pin')
    await hand.type('5937')
    await hand.press('Enter')
  }
  await page.waitForSelector(locked)
  await see(hand, 'locked-out')
  await hand.press('F8')
  await onField(page, 'supervisor')
  await hand.type(hand.number)
  await hand.press('Tab')
  await hand.type(PIN)
  await hand.press('Tab')
  await hand.type('Ben forgot his glasses')
  await see(hand, 'override')
  await hand.press('Enter')
  await page.waitForSelector(id('counter-home'))
  assert.match(await page.locator(id('clerk')).innerText(), /Ben Osei/)
}

const sum = (sold, what) => [...sold.values()].reduce((all, one) => all + one[what], 0)

/** The Z report says what was sold, and no more. */
async function readReport(hand, sold, reversed) {
  const { page } = hand
  const total = sum(sold, 'due')
  const cash = sum(sold, 'cash')
  assert.ok(await page.getAttribute(id('report'), 'data-number'), 'it has its number')
  assert.equal(await page.locator(id('sales')).innerText(), String(sold.size))
  assert.equal(await shown(page, 'taken-cash'), cash)
  assert.equal(await shown(page, 'taken-card'), total - cash)
  assert.equal(Math.abs(await shown(page, 'returned-cash')), reversed)
  assert.equal(await shown(page, 'total'), total - reversed)
  assert.equal(await shown(page, 'expected'), START + cash - reversed)
  assert.equal(await shown(page, 'counted'), START + cash - reversed)
  assert.equal(await page.locator(id('difference')).count(), 0)
  await see(hand, 'z-report')
}

describe("a shop's day by keyboard alone", () => {
  for (const [locale, viewport] of [['zh-CN', TILL], ['en', TILL], ['zh-CN', PHONE], ['en', PHONE]]) {
    test(`in ${locale}, ${viewport.width} px wide`, { timeout }, () =>
      as(world, { locale }, async (person) => {
        const { page } = person
        await page.setViewportSize(viewport)
        const hand = hands(person)
        const sold = new Map()
        await comeIn(world, hand)
        const reader = await world.newReader()
        await setReader(hand, reader)
        await setPrinter(hand, world.printer.address)
        await openTill(hand, START)
        await see(hand, 'number')
        await sellSome(hand, sold, reader)
        await refuseDocument(hand)
        await pressOffline(hand, sold)
        await sellWithoutPaper(hand, sold)
        await sellInPowerCut(hand, sold)
        assert.equal(sold.size, 8)

        // The last sale of the list is taken back.
        const [code, { due: back }] = [...sold].at(-1)
        await hand.press('F2')
        await page.waitForSelector(id('recent'))
        await tabTo(page, `${id('recent')} a[href="/agent/sales/${code}"]`)
        await hand.press('Enter')
        await page.waitForSelector(id('undo'))
        await reverse(hand)
        await see(hand, 'reversed')

        await leaveAlone(hand)
        await unlock(hand, hand.number)
        await page.waitForSelector(id('counter-home'))
        const clerk = await addClerk(hand, 'Ben Osei', BENS_PIN)
        await hand.press('F9')
        await lockedOut(hand, clerk)
        await hand.press('F9')
        await unlock(hand, hand.number)
        await page.waitForSelector(id('counter-home'))

        await countAndClose(hand, START + sum(sold, 'cash') - back)
        await readReport(hand, sold, back)
        await closeDay(hand)
        assert.equal(await page.locator(id('sales')).innerText(), String(sold.size), 'the day has the shift, and no other')
        await see(hand, 'day-report')
      }))
  }
})

/** What a browser would have played, as pitches, since it was asked last. */
async function listen({ context }) {
  await context.addInitScript(() => {
    globalThis.heard = []
    const start = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (...when) {
      globalThis.heard.push(this.frequency.value)
      return start.apply(this, when)
    }
  })
}

test('the three ends of a sale differ in word, colour and sound', { timeout }, () =>
  as(world, {}, async (person) => {
    const { page } = person
    await listen(person)
    await page.setViewportSize(TILL)
    const hand = hands(person)
    await comeIn(world, hand)
    await openTill(hand, START)
    const ends = []
    for (const [number, word] of [[world.line, 'accepted'], [world.lines.network_in_progress, 'pending'], [world.lines.network_refuses, 'failed']]) {
      await giveNumber(hand, number)
      await chooseProduct(hand, 'gb-credit-10')
      await page.evaluate(() => { globalThis.heard.length = 0 })
      await takeNote(hand, 1000, word)
      const end = await page.evaluate(() => {
        const title = document.querySelector('[data-testid=outcome] h1')
        return { word: title.innerText, colour: getComputedStyle(title).color, heard: globalThis.heard.join(' ') }
      })
      assert.ok(end.heard, `${word} is heard`)
      ends.push(end)
      await see(hand, `end-${word}`)
    }
    for (const what of ['word', 'colour', 'heard']) {
      assert.equal(new Set(ends.map((end) => end[what])).size, 3, `${what}: ${JSON.stringify(ends)}`)
    }
  }))
