// A guest's card purchase, step by step: each step ends on the next screen and gives back what it learnt there.
import assert from 'node:assert/strict'
import { until } from './harness.mjs'
import { byPaypal, number, offers, order, payment, review, wallet } from './selectors.mjs'

/** Test cards of the simulator, see docs/simulator.md. */
export const CARDS = { pays: '4242424242424242', declined: '4000000000000002' }
export const EMAIL = 'ana@example.org'

export async function giveNumber(person, line, next = offers.form) {
  await person.page.goto('/')
  await person.page.fill(number.msisdn, line)
  await person.page.click(number.submit)
  await person.page.waitForSelector(next)
}

export async function chooseOffer(person) {
  const { page } = person
  const first = page.locator(offers.control).first()
  const isChoice = await first.evaluate((control) => control.matches('input[type=radio]'))
  if (isChoice) {
    // The radio may be drawn as its label; pressing the label is what a person does.
    await page.locator(offers.each).first().click()
    await page.locator(offers.submit).first().click()
  } else {
    await first.click()
  }
  await page.waitForSelector(review.form)
}

export async function goToPay(person, email = EMAIL) {
  const { page } = person
  await page.fill(review.email, email)
  await page.locator(review.submit).first().click()
  await page.waitForSelector(payment.cardNumber)
}

export async function goToPaypal(person, email = EMAIL) {
  const { page } = person
  await page.fill(review.email, email)
  await page.click(byPaypal)
  await page.waitForSelector(wallet.address)
}

/** Agrees on PayPal's page, with the account that plays this part (docs/simulator.md). */
export async function agreeAs(person, part) {
  await person.page.fill(wallet.address, `${part}@payer.example`)
  await person.page.click(wallet.approve)
}

/** Pays with a card. Guests confirm it with their bank (3-D Secure) whatever the card does then. */
export async function payWith(person, card, { asGuest = true } = {}) {
  const { page } = person
  await page.fill(payment.cardNumber, card)
  await page.locator(payment.submit).first().click()
  if (!asGuest) return
  await page.waitForSelector(payment.approve)
  await page.click(payment.approve)
}

/** Waits until the order's page shows one of the states, and gives that state and the order's code. */
export async function reaches(person, ...states) {
  const { page } = person
  await page.waitForURL(/\/o\/[^/?]+/)
  const state = await until(`the state ${states.join(' or ')}`, async () => {
    const shown = await stateOf(page)
    return states.includes(shown) ? shown : null
  })
  const sentence = await page.locator(order.moneySentence).first().innerText()
  assert.notEqual(sentence.trim(), '', 'every state says where the money is')
  const code = new URL(page.url()).pathname.split('/')[2]
  return { state, sentence, code }
}

async function stateOf(page) {
  try {
    return await page.locator(order.state).first().getAttribute('data-state', { timeout: 1000 })
  } catch (error) {
    // The page may be reloading itself at this very moment; it is asked again until the deadline.
    if (/Timeout|navigat|destroyed|detached/i.test(error.message)) return null
    throw error
  }
}

export async function openReceipt(person) {
  await person.page.locator(order.receiptLink).first().click()
  await person.page.waitForURL(/\/receipt$/)
}

/** The whole purchase; `at(screen)` is called on every screen of it. */
export async function buy(world, person, at = async () => {}) {
  await person.page.goto('/')
  await at('number')
  await giveNumber(person, world.line)
  await at('offers')
  await chooseOffer(person)
  await at('review')
  await goToPay(person)
  await payWith(person, CARDS.pays)
  const bought = await reaches(person, 'credited')
  await at('result')
  await openReceipt(person)
  await at('receipt')
  return bought
}
