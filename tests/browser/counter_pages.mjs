// The screens of agents and of their counters, in the form of pages.mjs, which hands over how one gets to a page.
import { backAt, sellTen, toPay, toProducts } from './counter.mjs'

/** Follows the first link of its kind. */
async function follow({ page }, link, arrived) {
  const href = await page.locator(link).first().getAttribute('href')
  await page.goto(href)
  await page.waitForSelector(arrived)
}

/** The public form, and what the office sees of agents. */
export const agentScreens = ({ at }) => [
  ['/agents/apply', 'agent-apply', 'guest', at('/agents/apply')],
  ['/office/agents', 'office-agents', 'supervisor', at('/office/agents')],
  ['/office/agents/plans', 'office-plans', 'supervisor', at('/office/agents/plans')],
  ['/office/agents/{id}', 'office-agent', 'supervisor', async (person) => {
    await person.page.goto('/office/agents?state=approved')
    await follow(person, 'a[href*="/office/agents/ag_"]', 'h1')
  }],
  ['/office/agents/{id}/outlets/{place}', 'office-outlet', 'supervisor', async (person) => {
    await person.page.goto('/office/agents?state=approved')
    await follow(person, 'a[href*="/office/agents/ag_"]', 'h1')
    await follow(person, 'a[href*="/outlets/plc_"]', 'h1')
  }],
  ['/office/agents/{id}/outlets/{place}/facts', 'office-outlet-facts', 'supervisor', async ({ page }) => {
    await page.goto(`${new URL(page.url()).pathname}/facts`)
  }],
  ['/office/float', 'office-float', 'supervisor', at('/office/float')],
  ['/office/float/{id}', 'office-float-request', 'supervisor', async (person) => {
    await person.page.goto('/office/float')
    await follow(person, 'a[href*="/office/float/flr_"]', 'h1')
  }],
]

/** The counter and its owner's pages. */
export const counterScreens = ({ at, id, refused, send }) => [
  ['/agent/pair', 'counter-pair', 'guest', at('/agent/pair')],
  ['/agent/pair', 'counter-pair-refused', 'guest', refused('/agent/pair', id('pair-form'), { code: '7K2M-9QXT' })],
  ['/agent/offline', 'counter-offline-page', 'guest', at('/agent/offline')],
  ['/agent/back', 'counter-back', 'guest', at('/agent/back')],
  ['/agent', 'counter-home', 'counter', (person) => backAt(person, '/agent')],
  ['/agent/sale', 'sale', 'counter', (person) => backAt(person, '/agent/sale')],
  ['/agent/sale', 'sale-refused', 'counter', async (person) => {
    await backAt(person, '/agent/sale')
    await send(person.page, id('number-form'), { msisdn: '07000000000' })
  }],
  ['/agent/sale', 'sale-products', 'counter', async (person) => {
    await backAt(person, '/agent/sale')
    await toProducts(person)
  }],
  ['/agent/sale/review', 'sale-amount-refused', 'counter', ({ page }) =>
    send(page, '[data-testid=offer]:has(#amount)', { amount: '7.77' })],
  ['/agent/sale/review', 'sale-pay', 'counter', async (person) => {
    await backAt(person, '/agent/sale')
    await toPay(person)
  }],
  ['/agent/sale/sell', 'sale-pay-refused', 'counter', ({ page }) => send(page, id('given-form'), { given: '1' })],
  ['/agent/sales/{code}', 'sold-failed', 'counter', async (person, told) => {
    await backAt(person, '/agent/sale')
    await sellTen(person, told.world.lines.network_refuses)
  }],
  ['/agent/training/{key}', 'training-never-came', 'counter', (person) => backAt(person, '/agent/training/01JD9Z3K000000000000000000')],
  ['/agent/balance', 'counter-balance', 'counter', (person) => backAt(person, '/agent/balance')],
  ['/agent/display', 'counter-display', 'counter', (person) => backAt(person, '/agent/display')],
  ['/agent/till', 'till-owed', 'counter', (person) => backAt(person, '/agent/till')],
  ['/agent/sales/{code}', 'sold', 'counter', async (person) => {
    await backAt(person, '/agent/sale')
    await sellTen(person)
  }],
  ['/agent/sales/{code}/slip', 'sold-slip', 'counter', async (person) => {
    await backAt(person, '/agent/sale')
    await sellTen(person)
    await send(person.page, id('to-slip'), {}, id('slip'))
  }],
  ['/agent/sale/asked/{key}', 'sale-never-came', 'counter', (person) => backAt(person, '/agent/sale/asked/01JD9Z3K000000000000000000')],
  ['/agent/till', 'till', 'counter', (person) => backAt(person, '/agent/till')],
  ['/agent/till/shifts/{id}', 'till-x-report', 'counter', async (person) => {
    await backAt(person, '/agent/till')
    await follow(person, id('x-report'), id('report'))
  }],
  ['/agent/owner', 'owner', 'counter', (person) => backAt(person, '/agent/owner')],
  ['/agent/owner/outlets/new', 'owner-shop-new', 'counter', (person) => backAt(person, '/agent/owner/outlets/new')],
  ['/agent/owner/outlets/{place}', 'owner-shop', 'counter', async (person) => {
    await backAt(person, '/agent/owner')
    await follow(person, 'a[href*="/agent/owner/outlets/plc_"]', 'h1')
  }],
  ['/agent/owner/float', 'owner-float', 'counter', (person) => backAt(person, '/agent/owner/float')],
  ['/agent/owner/float/card/{id}', 'owner-float-card', 'counter', async (person) => {
    await backAt(person, '/agent/owner/float')
    await send(person.page, id('float-by-card'), { amount: '25' }, id('card-page'))
  }],
  ['/agent/owner/statements', 'owner-statement', 'counter', (person) => backAt(person, '/agent/owner/statements')],
  ['/agent/journal', 'counter-journal', 'counter', (person) => backAt(person, '/agent/journal')],
  ['/agent/journal', 'counter-journal-nothing', 'counter', (person) => backAt(person, '/agent/journal?q=what')],
  ['/agent/owner/clerks', 'counter-clerks', 'counter', async (person) => {
    await backAt(person, '/agent/owner/clerks')
    await send(person.page, id('add-clerk'), { name: 'Ben Osei' }, id('new-code'))
  }],
  ['/agent/owner/devices', 'counter-devices', 'counter', async (person) => {
    await backAt(person, '/agent/owner/devices')
    await send(person.page, id('add-device'), { name: 'Counter 2' }, id('pairing'))
  }],
  ['/agent/till', 'till-counted', 'counter', async (person) => {
    await backAt(person, '/agent/till')
    await send(person.page, `${id('count')} form`, { d5000: '1' }, id('close'))
  }],
  ['/agent/till/shifts/{id}', 'till-z-report', 'counter', ({ page }) =>
    send(page, `${id('close')} form[action$=close]`, { reason: 'A note was torn' }, id('report'))],
  ['/agent/till', 'till-closed', 'counter', async (person) => {
    await backAt(person, '/agent/till')
    await person.page.waitForSelector(id('open-shift'))
  }],
  ['/agent/till/day', 'till-day', 'counter', (person) => backAt(person, '/agent/till/day')],
  ['/agent/sale', 'sale-no-shift', 'counter', async (person) => {
    await backAt(person, '/agent/sale')
    await person.page.waitForSelector(id('no-shift'))
  }],
  ['/agent/first-pin', 'counter-first-pin', 'counter', refused('/agent/first-pin?clerk=12', id('first-pin-form'),
    { code: '7K2M-9QXT', pin: '8642', again: '8642' })],
  ['/agent/override', 'counter-override', 'counter', refused('/agent/override?clerk=12', id('override-form'),
    { supervisor: '11', pin: '8642', reason: 'Ben forgot his glasses' })],
  ['/agent/unlock', 'counter-unlock', 'counter', refused('/agent/unlock', id('unlock-form'), { number: '11', pin: '0000' })],
]

/** Route, name, who looks, and how they come there. A screen without a route answers at any address. */
