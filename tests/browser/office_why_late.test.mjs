// A stranger on the staff finds out alone why a payment is late, what is done about it, when it ends, and what may be
// done: a host network that keeps silent, a PayPal capture without an answer, and a refund that failed. In both
// languages, on phone and desktop, with and without scripts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, open, PAIRS, screenshot, told, until } from './harness.mjs'
import { openDoor } from './people.mjs'
import { agreeAs, CARDS, chooseOffer, giveNumber, goToPay, goToPaypal, payWith, reaches } from './steps.mjs'

const timeout = 300_000
const late = {}
let world

const control = (path, body) =>
  fetch(`${world.simulator}/control/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const endFaults = () => fetch(`${world.simulator}/control/faults`, { method: 'DELETE' })

/** An order whose host network takes the request and keeps silent. */
async function silentNetwork(person) {
  await control('faults', { on: 'POST /network/v1/credits', do: 'drop_connection_after', times: 1000 })
  await control('faults', { on: 'GET /network/v1/credits/{id}', do: 'error_500', times: 1000 })
  await giveNumber(person, world.lines.network_keeps)
  await chooseOffer(person)
  await goToPay(person)
  await payWith(person, CARDS.pays)
  return (await reaches(person, 'pending_network')).code
}

/** An order whose payer agreed at PayPal, and whose capture nobody answers. */
async function silentPaypal(person) {
  await control('faults', { on: 'POST /v2/checkout/orders/{id}/capture', do: 'drop_connection_before', times: 1000 })
  await giveNumber(person, world.line)
  await chooseOffer(person)
  await goToPaypal(person)
  await agreeAs(person, 'pays')
  return (await reaches(person, 'checking_payment')).code
}

/** An order that was credited, taken back by two people, and whose refund failed at the provider. */
async function failedRefund(person) {
  await giveNumber(person, world.line)
  await chooseOffer(person)
  await goToPay(person)
  await payWith(person, '4000000000005126')
  const { code } = await reaches(person, 'credited')
  await as(world, {}, async (clerk) => {
    const { page } = clerk
    await openDoor(clerk, 'clerk', '/office')
    await page.goto(`/office/refunds/ask?code=${code}`)
    await page.selectOption('#reason', 'wrong_number')
    await page.fill('#note', 'It was a wrong number.')
    await page.click('[data-testid=refund-ask] button[type=submit]')
    await page.waitForSelector('[data-testid=refund-withdraw]')
    const request = new URL(page.url()).pathname
    await as(world, {}, async (supervisor) => {
      await openDoor(supervisor, 'supervisor', '/office')
      await supervisor.page.goto(request)
      await supervisor.page.locator('[data-testid=refund-decide] button[type=submit]').first().click()
      await supervisor.page.waitForSelector('[data-testid=refund-state]')
    })
  })
  return code
}

before(async () => {
  world = await open()
  await as(world, {}, async (person) => { late.refund = await failedRefund(person) })
  await as(world, {}, async (person) => { late.network = await silentNetwork(person) })
  await as(world, {}, async (person) => { late.paypal = await silentPaypal(person) })
}, { timeout })
after(async () => {
  await endFaults().catch(() => {})
  await world?.close()
})

/** Types the code, as any stranger would, and reads the order's page. */
async function find({ page }, code) {
  await page.fill('#find', code)
  await page.press('#find', 'Enter')
  await page.waitForSelector('[data-testid=story]')
}

async function says(page, kind) {
  return page.locator(`[data-testid=story] li[data-says=${kind}]`).count()
}

describe('a stranger finds why a payment is late', () => {
  for (const way of PAIRS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const { page } = person
        const chinese = way.locale === 'zh-CN'
        await openDoor(person, 'clerk', '/office')
        await screenshot(person, 'office-overview')

        await find(person, late.network)
        const waits = page.locator('[data-testid=waits]')
        assert.equal(await waits.getAttribute('data-for'), 'network')
        assert.match(await waits.innerText(), chinese ? /运营商网络/ : /host network/, 'whom it waits for')
        assert.match(await waits.innerText(), chinese ? /不会重复充值/ : /cannot come twice/, 'what is done about it')
        assert.match(await waits.innerText(), /\d{1,2}:\d{2}/, 'when')
        assert.ok(await says(page, 'network_sent') >= 1)
        assert.equal(await page.locator('[data-testid=order-mend] button').count(), 1, 'what may be done')
        await screenshot(person, 'office-late-network')

        await find(person, late.paypal)
        assert.equal(await waits.getAttribute('data-for'), 'call')
        assert.match(await waits.innerText(), /PayPal/)
        assert.ok(await says(page, 'call_unanswered') >= 1)
        await screenshot(person, 'office-late-paypal')
        await page.click('[data-testid=order-mend] button[value=ask]')
        await page.waitForSelector('[data-testid=stuck-do]')
        assert.equal(await page.locator('[data-testid=stuck-these] tbody tr').count(), 1, 'it is previewed first')

        await until('the refund to fail', async () => {
          await page.goto(`/office/orders/${late.refund}`)
          const story = await page.locator('[data-testid=story]').innerText()
          return (chinese ? /未能退回/ : /it did not go back/).test(story)
        }, 90_000)
        assert.equal(await says(page, 'request_asked'), 1)
        assert.equal(await says(page, 'request_approved'), 1)
        assert.ok(await says(page, 'refund_is') >= 1)
        await screenshot(person, 'office-refund-failed')
        await page.locator('[data-testid=story] details.raw summary').first().click()
        await page.locator('[data-testid=story] details.raw[open] .ref').first().waitFor()

        await page.goto('/office/no/such/page')
        await page.waitForSelector('[data-testid=office-error]')
        await page.click('[data-testid=office-error] a.button')
        await page.waitForSelector('[data-testid=tile-stuck]')
      }))
  }
})
