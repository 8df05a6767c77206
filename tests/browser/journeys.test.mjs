// A guest buys credit with a card: the ways it goes right, and the ways it goes wrong.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, open, tabTo, told, until, WAYS } from './harness.mjs'
import { language, languageMenu, number, offers, order, payment, review, wallet } from './selectors.mjs'
import { agreeAs, buy, CARDS, chooseOffer, EMAIL, giveNumber, goToPay, goToPaypal, payWith, reaches } from './steps.mjs'

const timeout = 120_000
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

describe('a guest buys credit', () => {
  for (const way of WAYS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        await buy(world, person)
        assert.equal(await person.page.getAttribute('html', 'lang'), way.locale)
      }))
  }

  test('with the keyboard alone', { timeout }, () =>
    as(world, { size: 'desktop' }, async (person) => {
      const { page } = person
      await page.goto('/')
      await tabTo(page, number.msisdn)
      await page.keyboard.type(world.line)
      await page.keyboard.press('Enter')
      await page.waitForSelector(offers.form)
      await tabTo(page, offers.control)
      const isChoice = await page.evaluate(() => document.activeElement.matches('input[type=radio]'))
      await page.keyboard.press('Space')
      if (isChoice) {
        await tabTo(page, offers.submit)
        await page.keyboard.press('Enter')
      }
      await page.waitForSelector(review.form)
      await tabTo(page, review.email)
      await page.keyboard.type(EMAIL)
      await page.keyboard.press('Enter')
      await page.waitForSelector(payment.cardNumber)
      await payWith(person, CARDS.pays)
      await reaches(person, 'credited')
      await tabTo(page, order.receiptLink)
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/receipt$/)
    }))

  test('and is told by text message', { timeout }, () =>
    as(world, {}, async (person) => {
      const { code } = await buy(world, person)
      await until('a text message that names the order', async () => {
        const answer = await fetch(`${world.simulator}/inbox.json?to=${encodeURIComponent(world.line)}`)
        assert.equal(answer.status, 200)
        const inbox = await answer.text()
        return inbox.includes(code)
      })
    }))

  test('and finds the order again from another device by e-mail or last four digits', { timeout }, async () => {
    let code
    await as(world, {}, async (person) => { ({ code } = await buy(world, person)) })
    for (const proof of [EMAIL, world.line.slice(-4)]) {
      await as(world, { script: false }, async (person) => {
        const { page } = person
        await page.goto(`/o/${code}`)
        assert.equal(await page.locator(order.state).count(), 0, 'nothing is shown before the proof')
        await page.fill(order.proof, 'nobody@example.org')
        await page.click(order.proofSubmit)
        await page.waitForSelector(order.proofWrong)
        assert.equal(await page.locator(order.state).count(), 0, 'a wrong proof shows nothing')
        await page.fill(order.proof, proof)
        await page.click(order.proofSubmit)
        await reaches(person, 'credited')
      })
    }
  })

  test('after switching the language on the way', { timeout }, () =>
    as(world, { locale: 'en', script: false }, async (person) => {
      const { page } = person
      await giveNumber(person, world.line)
      const place = new URL(page.url()).pathname
      await page.locator(languageMenu).click()
      await page.locator(language('zh-CN')).first().click()
      assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN')
      assert.equal(new URL(page.url()).pathname, place, 'the switch keeps the place')
      await chooseOffer(person)
      await page.locator(languageMenu).click()
      await page.locator(language('en')).first().click()
      assert.equal(await page.getAttribute('html', 'lang'), 'en')
    }))
})

describe('a guest pays with PayPal', () => {
  for (const way of WAYS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        await giveNumber(person, world.line)
        await chooseOffer(person)
        await goToPaypal(person)
        await agreeAs(person, 'pays')
        await reaches(person, 'credited')
      }))
  }

  test('whose wallet is declined, and is told that nothing was charged', { timeout }, () =>
    as(world, {}, async (person) => {
      await giveNumber(person, world.line)
      await chooseOffer(person)
      await goToPaypal(person)
      await agreeAs(person, 'declined')
      const { state } = await reaches(person, 'awaiting_payment')
      assert.equal(state, 'awaiting_payment')
    }))

  test('and changes their mind on PayPal’s page', { timeout }, () =>
    as(world, { script: false }, async (person) => {
      const { page } = person
      await giveNumber(person, world.line)
      await chooseOffer(person)
      await goToPaypal(person)
      await page.click(wallet.cancel)
      await reaches(person, 'awaiting_payment')
      await page.locator(order.cancel).first().click()
      await reaches(person, 'cancelled')
    }))
})

describe('when it does not go through', () => {
  for (const script of [true, false]) {
    const how = script ? 'with' : 'without'
    test(`a declined card can be followed by a good one, ${how} JavaScript`, { timeout }, () =>
      as(world, { script }, async (person) => {
        await giveNumber(person, world.line)
        await chooseOffer(person)
        await goToPay(person)
        await payWith(person, CARDS.declined)
        await person.page.waitForSelector(payment.refusal)
        await payWith(person, CARDS.pays)
        await reaches(person, 'credited')
      }))

    test(`leaving the payment page says that nothing was charged and lets one pay after all, ${how} JavaScript`, { timeout }, () =>
      as(world, { script }, async (person) => {
        const { page } = person
        await giveNumber(person, world.line)
        await chooseOffer(person)
        await goToPay(person)
        await payWith(person, CARDS.declined)
        await page.waitForSelector(payment.refusal)
        await page.locator(payment.cancel).first().click()
        await reaches(person, 'awaiting_payment', 'cancelled')
        await giveNumber(person, world.line)
        await chooseOffer(person)
        await goToPay(person)
        await payWith(person, CARDS.pays)
        await reaches(person, 'credited')
      }))
  }

  test('pressing Pay twice makes one order', { timeout }, () =>
    as(world, { script: false }, async (person) => {
      const { page, context } = person
      await giveNumber(person, world.line)
      await chooseOffer(person)
      await page.fill(review.email, EMAIL)
      const form = await page.locator(review.form).evaluate((element) => ({
        url: element.action,
        fields: Object.fromEntries(new FormData(element)),
      }))
      const headers = { Origin: world.base, 'Sec-Fetch-Site': 'same-origin' }
      const press = () => context.request.post(form.url, { form: form.fields, headers, maxRedirects: 0 })
      const answers = await Promise.all([press(), press()])
      const places = answers.map((answer) => answer.headers().location)
      assert.ok(places[0], `Pay leads to the payment page, not to ${answers[0].status()}`)
      assert.equal(places[0], places[1], 'both lead to the same payment')
      await page.goto(places[0])
      await payWith(person, CARDS.pays)
      await reaches(person, 'credited')
    }))
})
