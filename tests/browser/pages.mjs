// Every screen that a person can see, empty and filled, with the way to it. Start reading at SCREENS: a test holds it
// against the routers, and looks at each of them. The order counts: later screens show what earlier ones made.
import assert from 'node:assert/strict'
import { agentScreens, counterScreens } from './counter_pages.mjs'
import { until } from './harness.mjs'
import { api, number, offers, order, review } from './selectors.mjs'
import { chooseOffer, giveNumber } from './steps.mjs'
import { enterCode } from './people.mjs'

const id = (name) => `[data-testid="${name}"]`
const summary = id('error-summary')

/** The states in which the demo's past has an order for its whole first half hour. */
export const STATES = [
  'awaiting_payment', 'checking_payment', 'pending_network', 'credited', 'refunding', 'refunded', 'reversed',
  'cancelled', 'review',
]
const WITH_RECEIPT = ['credited', 'refunding', 'refunded']

/** Opens an address; a function gives it from what was learnt before. */
const at = (path) => ({ page }, told) => page.goto(typeof path === 'function' ? path(told) : path)

/** Fills a form, whatever the browser thinks of the values, sends it, and waits for what the answer has. */
async function send(page, form, values, answer = summary, button = 'button[type=submit]') {
  await page.locator(form).evaluate((element) => { element.noValidate = true })
  for (const [field, value] of Object.entries(values)) await page.fill(`${form} [name=${field}]`, value)
  await page.locator(`${form} ${button}`).first().click()
  await page.waitForSelector(answer)
}

/** The same on a page that is opened first. */
const refused = (path, form, values, answer) => async (person, told) => {
  await at(path)(person, told)
  await send(person.page, form, values, answer)
}

/** The page of an order, for somebody who knows the last four digits. */
async function prove({ page }, { code, last4 }, state) {
  await page.goto(`/o/${code}`)
  if (await page.locator(order.proofForm).count()) {
    await page.fill(order.proof, last4)
    await page.click(order.proofSubmit)
  }
  await page.waitForSelector(`${order.state}[data-state=${state}]`)
}

/** A page that answers a request which no form of ours makes. */
const strange = (path, request) => async ({ page, context, locale }) => {
  const headers = { 'Accept-Language': locale, ...request.headers }
  const answer = await context.request.fetch(path, { maxRedirects: 0, ...request, headers })
  assert.equal(answer.status(), request.status, path)
  const body = await answer.body()
  const contentType = 'text/html; charset=utf-8'
  await page.route('**/strange', (route) => route.fulfill({ status: request.status, contentType, body }))
  await page.goto('/strange')
  await page.unroute('**/strange')
}
const ours = (told) => ({ Origin: told.world.base, 'Sec-Fetch-Site': 'same-origin' })

/** Asks support, and gives the code of the case. */
async function askSupport({ page }, path, cause, words, email) {
  await page.goto(path)
  await page.click(`label[for=cause-${cause}]`)
  if (email) await page.fill('#email', email)
  await page.fill('#text', words)
  await page.click(`${id('support-form')} button[type=submit]`)
  await page.waitForSelector(id('case-sent'))
  return new URL(page.url()).pathname.split('/')[2]
}

/** What a member of the staff does with the case. */
async function atDesk({ page }, code, press, words) {
  await page.goto(`/office/cases/${code}`)
  if (words) await page.fill('#text', words)
  await page.locator(press).first().click()
  await page.waitForLoadState()
}

const PORTAL = [
  ['/', 'start', 'guest', at('/')],
  ['/', 'start-own-lines', 'lin', at('/')],
  ['/top-up', 'start-refused', 'guest', refused('/', number.form, { msisdn: '+44 20 7946 0018' })],
  ['/top-up/{cart}', 'choose', 'guest', (person, told) => giveNumber(person, told.world.line)],
  ['/top-up/{cart}', 'choose-for-own-line', 'lin', (person, told) => giveNumber(person, told.world.lines.lin)],
  ['/top-up/{cart}', 'choose-refused', 'guest', async (person, told) => {
    await giveNumber(person, told.world.line)
    await person.page.locator('[data-testid=offer]:has(#amount) > label').click()
    await send(person.page, offers.form, { amount: '7.77' })
  }],
  ['/top-up', 'line-barred', 'guest', (person, told) => giveNumber(person, told.world.lines.barred, summary)],
  ['/top-up/{cart}/review', 'review', 'guest', async (person, told) => {
    await giveNumber(person, told.world.line)
    await chooseOffer(person)
  }],
  ['/top-up/{cart}/review', 'review-of-a-bundle', 'lin', async (person, told) => {
    await giveNumber(person, told.world.lines.lin)
    await person.page.locator('[data-offer=gb-europe] > label').click()
    await person.page.locator(offers.submit).first().click()
    await person.page.waitForSelector(review.form)
  }],
  ['/top-up/{cart}/pay', 'review-refused', 'guest', async (person, told) => {
    await giveNumber(person, told.world.line)
    await chooseOffer(person)
    await send(person.page, review.form, { email: 'nobody at all' })
  }],
  ['/o', 'lookup', 'guest', at('/o')],
  ['/o', 'lookup-refused', 'guest', at('/o?code=UNREADABLE')],
  ['/o/{code}', 'order-proof', 'guest', at((told) => `/o/${told.orders.credited.code}`)],
  ['/o/{code}', 'order-proof-refused', 'guest',
    refused((told) => `/o/${told.orders.credited.code}`, order.proofForm, { proof: 'nobody@example.org' })],
  ...STATES.map((state) =>
    ['/o/{code}', `order-${state}`, 'buyer', (person, told) => prove(person, told.orders[state], state)]),
  ['/o/{code}', 'order-already', 'buyer', at((told) => `/o/${told.orders.awaiting_payment.code}?already=1`)],
  ...WITH_RECEIPT.map((state) =>
    ['/o/{code}/receipt', `receipt-${state}`, 'buyer', at((told) => `/o/${told.orders[state].code}/receipt`)]),
  ['/o/{code}/receipt', 'receipt-printed', 'buyer', async ({ page }, told) => {
    await page.goto(`/o/${told.orders.credited.code}/receipt`)
    await page.emulateMedia({ media: 'print' })
  }],
  ['/o', 'lookup-own-orders', 'buyer', at('/o')],
  ['/r/{code}', 'receipt-proof', 'guest', at((told) => `/r/${told.orders.credited.code}`)],
  ['/r/{code}', 'receipt-proof-refunded', 'guest', at((told) => `/r/${told.orders.refunded.code}`)],
  ['/r/{code}', 'receipt-proof-unpaid', 'guest', at((told) => `/r/${told.orders.awaiting_payment.code}`)],
  ['/r/{code}', 'receipt-proof-unknown', 'guest', at('/r/UNREADABLE')],
  ['/verify/receipt', 'receipt-check', 'guest', at('/verify/receipt')],
  ['/verify/receipt', 'receipt-check-truncated', 'guest', async ({ page }, told) => {
    await page.goto('/verify/receipt')
    await page.fill('#text', `${told.world.base}/r/${told.orders.credited.code}#1.r1.R.1000GBP`)
    await page.click(`${id('proof-form')} button`)
    await page.waitForSelector('[data-verdict=truncated]:visible')
  }],
  ['/o/{code}/invoice', 'invoice-form', 'buyer', at((told) => `/o/${told.orders.credited.code}/invoice`)],
  ['/o/{code}/invoice', 'invoice-refused', 'buyer', ({ page }) => send(page, id('invoice-form'), { name: ' ' })],
  ['/o/{code}/invoice', 'invoice', 'buyer', ({ page }) =>
    send(page, id('invoice-form'), { name: 'Ana Reyes Ltd', address: '2 Harbour Row' }, id('invoice'))],
  ['/o/{code}/invoice', 'invoice-taken-back', 'buyer', at((told) => `/o/${told.orders.refunded.code}/invoice`)],
  ['/promotions', 'promotions', 'guest', at('/promotions')],
  ['/help', 'help', 'guest', at('/help')],
  ['/verify', 'verify', 'guest', at('/verify')],
  ['/verify/outlet/{number}', 'verify-outlet', 'guest', at('/verify/outlet/S10101')],
  ['/shops', 'shops', 'guest', at('/shops')],
  ['/shops/{number}', 'shop', 'guest', at('/shops/S10101')],
  ['/status', 'status', 'guest', at('/status')],
  ['/offline', 'offline', 'guest', at('/offline')],
  ['/demo', 'demo', 'guest', at('/demo')],
  ['/demo', 'demo-books', 'guest', at('/demo?books=1')],
  ['/docs', 'docs', 'guest', async ({ page }) => {
    await page.goto('/docs')
    await until('the reference to list the calls', () =>
      page.evaluate((name) => document.querySelector(name).shadowRoot?.textContent.includes('/v1/top-ups'), api.reference))
  }],
]

const SUPPORT = [
  ['/support', 'support', 'guest', at('/support')],
  ['/support', 'support-own-orders', 'buyer', at('/support')],
  ['/support/order', 'support-order-refused', 'guest',
    refused('/support', `form${id('support-order')}`, { code: 'UNREADABLE', proof: '1' })],
  ['/support', 'support-case-refused', 'guest', at('/support?case=UNREADABLE')],
  ['/support', 'support-form', 'guest', at('/support?order=none')],
  ['/support', 'support-form-about-order', 'buyer', at((told) => `/support?order=${told.orders.refunding.code}`)],
  ['/support', 'support-form-refused', 'guest',
    refused('/support?order=none', `form${id('support-form')}`, { text: ' ', email: 'nobody at all' })],
  ['/support/{code}', 'case-sent', 'buyer', async (person, told) => {
    const path = `/support?order=${told.orders.credited.code}`
    // The other language has asked about the same order already: its case is asked again.
    told.case = await askSupport(person, path, 'not_arrived', 'Where is it?\n一直没有到账。')
  }],
  ['/support', 'support-already-asked', 'buyer', at((told) => `/support?order=${told.orders.credited.code}`)],
  ['/support', 'support-own-cases', 'buyer', at('/support')],
  ['/support/{code}', 'case-proof', 'guest', at((told) => `/support/${told.case}`)],
  ['/support/{code}/proof', 'case-proof-refused', 'guest',
    refused((told) => `/support/${told.case}`, id('case-proof'), { proof: 'nobody@example.org' })],
  ['/support/{code}', 'case-reply-refused', 'buyer',
    refused((told) => `/support/${told.case}`, id('case-reply'), { text: ' ' })],
  ['/office/cases', 'office-cases', 'supervisor', at('/office/cases')],
  ['/office/cases', 'office-cases-closed', 'clerk', at('/office/cases?show=closed')],
  ['/office/cases/{code}', 'office-case', 'clerk', at((told) => `/office/cases/${told.case}`)],
  ['/office/cases/{code}', 'office-case-saved-reply', 'supervisor',
    at((told) => `/office/cases/${told.case}?saved=looking`)],
  ['/office/cases/{code}', 'office-case-refused', 'clerk',
    refused((told) => `/office/cases/${told.case}`, id('desk-form'), { text: ' ' })],
  ['/support/{code}', 'case-question', 'buyer', async (person, told) => {
    await atDesk(told.people.clerk, told.case, 'button[value=question]', 'Which number was it?')
    await person.page.goto(`/support/${told.case}`)
  }],
  ['/support/{code}', 'case-answered', 'buyer', async (person, told) => {
    await atDesk(told.people.clerk, told.case, 'button[value=answer]', 'It has arrived meanwhile.')
    await person.page.goto(`/support/${told.case}`)
  }],
  ['/office/cases/{code}', 'office-case-answered', 'supervisor', at((told) => `/office/cases/${told.case}`)],
  ['/support/{code}', 'case-closed-and-rated', 'buyer', async (person, told) => {
    await person.page.check('[name=rating][value="4"]')
    await person.page.click(`${id('case-rate')} button`)
    await person.page.waitForSelector(id('case-rated'))
    await atDesk(told.people.clerk, told.case, `${id('desk-close')} button`)
    await person.page.goto(`/support/${told.case}`)
  }],
  ['/office/cases/{code}', 'office-case-closed', 'clerk', at((told) => `/office/cases/${told.case}`)],
]

const ACCOUNT = [
  ['/sign-in', 'sign-in', 'guest', at('/sign-in')],
  ['/sign-in', 'sign-in-refused', 'guest', refused('/sign-in', id('sign-in-form'), { contact: 'nobody at all' })],
  ['/code', 'code', 'guest', async ({ page }, told) => {
    await page.goto('/sign-in')
    await send(page, id('sign-in-form'), { contact: `not.${told.email}` }, id('code-form'))
  }],
  ['/code', 'code-wrong', 'guest', ({ page }) => send(page, id('code-form'), { code: '123456' })],
  ['/register', 'register', 'member', at('/register')],
  ['/register', 'register-refused', 'member', refused('/register', id('register-form'), { email: 'nobody at all' })],
  ['/register/details', 'details', 'member', async (person, told) => {
    const { page } = person
    await page.goto('/register')
    await page.fill('#email', told.email)
    await enterCode(told.world, person, told.email, () => page.click(`${id('register-form')} button`))
    await page.waitForSelector(id('details-form'))
  }],
  ['/register/details', 'details-refused', 'member', ({ page }) => send(page, id('details-form'), { msisdn: '12' })],
  ['/me', 'me-empty', 'member', async (person, told) => {
    const { page } = person
    await page.fill('#msisdn', told.number)
    const press = () => page.click(`${id('details-form')} button[type=submit]`)
    await enterCode(told.world, person, told.number, press)
    await page.waitForURL('**/me')
  }],
  ['/me/history', 'history-empty', 'member', at('/me/history')],
  ['/me/claim', 'claim', 'member', at('/me/claim')],
  ['/me/claim', 'claim-refused', 'member', ({ page }) => send(page, id('claim-form'), { code: '12345' })],
  ['/me/claim', 'claim-unproved', 'member', (person, told) =>
    refused('/me/claim', id('claim-form'), { code: told.own }, id('claim-unproved'))(person, told)],
  ['/account', 'account', 'member', at('/account')],
  ['/account', 'account-saved', 'lin', at('/account?done=saved')],
  ['/account/contacts/{kind}', 'contact-email', 'member', at('/account/contacts/email')],
  ['/account/contacts/{kind}', 'contact-refused', 'member',
    refused('/account/contacts/email', id('contact-form'), { email: 'nobody at all' })],
  ['/account/contacts/{kind}', 'contact-phone', 'member', at('/account/contacts/phone')],
  ['/account/lines', 'line', 'lin', at('/account/lines')],
  ['/account/lines', 'line-refused', 'lin', refused('/account/lines', id('line-form'), { msisdn: '12' })],
  ['/account/confirm', 'confirm', 'lin', at('/account/confirm?next=/account/erase')],
  ['/account/erase', 'erase', 'member', at('/account/erase')],
  ['/account/erase', 'erase-unsure', 'member', ({ page }) => send(page, id('erase-form'), {})],
  ['/me', 'me', 'lin', at('/me')],
  ['/me/history', 'history', 'lin', at('/me/history')],
  ['/me/history', 'history-none', 'lin', at('/me/history?state=cancelled&month=2020-01')],
  ['/me/lines/{id}', 'me-line', 'lin', async ({ page }) => {
    await page.goto('/me')
    await page.locator(id('line-link')).first().click()
    await page.waitForURL('**/me/lines/**')
  }],
  ['/me/lines/{id}', 'me-bucket', 'lin', async ({ page }) => {
    await page.locator('[data-unit=octets] [data-testid=bucket-end] a').first().click()
    await page.waitForURL('**?bucket=**')
  }],
]

const OFFICE = [
  ['/office/sign-in', 'office-sign-in', 'guest', at('/office/sign-in')],
  ['/office/sign-in', 'office-sign-in-refused', 'guest',
    refused('/office/sign-in', id('office-sign-in'), { login: 'nobody', passphrase: 'nothing', code: '123456' })],
  ['/office/join', 'office-join', 'guest', at('/office/join')],
  ['/office/join', 'office-join-refused', 'guest', refused('/office/join', id('office-join'), { token: 'nothing' })],
  ['/office', 'office', 'supervisor', at('/office')],
  ['/office', 'office-of-a-clerk', 'clerk', at('/office')],
  ['/office/how-to', 'office-how-to', 'clerk', at('/office/how-to')],
  ['/office/orders', 'office-orders', 'supervisor', at('/office/orders')],
  ['/office/orders', 'office-orders-none', 'clerk', at('/office/orders?state=paid&before=0')],
  ['/office/open-refunds', 'office-open-refunds', 'supervisor', at('/office/open-refunds')],
  ['/office/dead', 'office-dead', 'supervisor', at('/office/dead')],
  ['/office/search', 'office-search', 'clerk', at('/office/search')],
  ['/office/search', 'office-search-nothing', 'clerk',
    refused('/office/search', id('search-form'), { q: 'nobody@example.net' }, id('nothing-found'))],
  ['/office/search', 'office-search-several', 'clerk', async ({ page }, told) => {
    await page.goto('/office/search')
    await send(page, id('search-form'), { q: told.world.lines.lin }, id('line-link'))
  }],
  ...STATES.map((state) =>
    ['/office/orders/{code}', `office-order-${state}`, 'supervisor', at((told) => `/office/orders/${told.orders[state].code}`)]),
  ['/office/orders/{code}/reveal', 'office-order-reveal-refused', 'supervisor', async ({ page }) => {
    await page.locator(id('reveal-form')).evaluate((form) => { form.noValidate = true })
    await page.click(`${id('reveal-form')} button[value=number]`)
    await page.waitForSelector(summary)
  }],
  ['/office/orders/{code}/reveal', 'office-order-revealed', 'supervisor', async ({ page }) => {
    await page.fill('#reason', 'The customer asked for it')
    await page.click(`${id('reveal-form')} button[value=number]`)
    await page.waitForSelector(id('revealed'))
  }],
  ['/office/lines/{id}', 'office-line', 'clerk', async ({ page }, told) => {
    await page.goto('/office/search')
    await send(page, id('search-form'), { q: told.world.lines.lin }, id('line-link'))
    await page.locator(id('line-link')).first().click()
    await page.waitForURL('**/office/lines/**')
  }],
  ['/office/subscribers/{id}', 'office-subscriber', 'clerk', async ({ page }) => {
    await page.locator(id('subscriber-link')).first().click()
    await page.waitForURL('**/office/subscribers/**')
  }],
  ['/office/catalogue', 'office-catalogue', 'supervisor', at('/office/catalogue')],
  ['/office/catalogue/{id}', 'office-offer', 'supervisor', at('/office/catalogue/gb-credit-10')],
  ['/office/promotions', 'office-promotions', 'supervisor', at('/office/promotions')],
  ['/office/refunds', 'office-refunds', 'clerk', at('/office/refunds')],
  ['/office/refunds/ask', 'office-refunds-unknown-order', 'clerk', at('/office/refunds/ask?code=UNREADABLE')],
  ['/office/refunds/ask', 'office-refund-ask', 'clerk', at((told) => `/office/refunds/ask?code=${told.own}`)],
  ['/office/refunds/ask', 'office-refund-impossible', 'clerk',
    at((told) => `/office/refunds/ask?code=${told.orders.cancelled.code}`)],
  ['/office/refunds/ask', 'office-refund-refused', 'clerk',
    refused((told) => `/office/refunds/ask?code=${told.own}`, id('refund-ask'), { note: '' })],
  ['/office/refunds/{id}', 'office-refund-of-mine', 'clerk', async ({ page }, told) => {
    await page.selectOption('#reason', 'wrong_number')
    await page.fill('#note', 'It was a wrong number.')
    await page.click(`${id('refund-ask')} button[type=submit]`)
    await page.waitForSelector(id('refund-withdraw'))
    told.refund = new URL(page.url()).pathname
  }],
  ['/office/refunds', 'office-refunds-waiting', 'supervisor', at('/office/refunds')],
  ['/office/refunds/{id}', 'office-refund-to-decide', 'supervisor', at((told) => told.refund)],
  ['/office/refunds/{id}', 'office-refund-decided', 'supervisor', async ({ page }, told) => {
    await page.goto(told.refund)
    await page.fill('#note', 'Agreed on the phone.')
    await page.locator(`${id('refund-decide')} button[type=submit]`).first().click()
    await page.waitForSelector(id('refund-state'))
  }],
  ['/office/refunds', 'office-refunds-decided', 'clerk', at('/office/refunds')],
  ['/office/stuck', 'office-stuck', 'supervisor', async ({ page }) => {
    await page.goto('/office/stuck')
    await page.waitForSelector(id('stuck'))
  }],
  ['/office/stuck/preview', 'office-stuck-nothing-chosen', 'supervisor', async ({ page }) => {
    await page.locator('.mends button').first().click()
    await page.waitForSelector(summary)
  }],
  ['/office/stuck/preview', 'office-stuck-preview', 'supervisor', async ({ page }) => {
    for (const box of await page.locator(`${id('stuck')} input[type=checkbox]`).all()) await box.check()
    await page.locator('.mends button').first().click()
    await page.waitForSelector(id('stuck-do'))
  }],
  ['/office/stuck/do', 'office-stuck-refused', 'supervisor', ({ page }) => send(page, id('stuck-do'), { note: ' ' })],
  ['/office/stuck/do', 'office-stuck-done', 'supervisor', ({ page }) =>
    send(page, id('stuck-do'), { note: 'Asked again.' }, id('stuck-done'))],
  ['/office/limits', 'office-limits', 'supervisor', at('/office/limits')],
  ['/office/limits/{key}', 'office-switch', 'supervisor', at('/office/limits/switch.paypal')],
  ['/office/limits/{key}', 'office-limit', 'supervisor', async ({ page }) => {
    await page.goto('/office/limits')
    await page.locator(`${id('limits')} a`).first().click()
    await page.waitForSelector(id('setting'))
  }],
  ['/office/limits/{key}', 'office-limit-refused', 'supervisor', ({ page }) =>
    send(page, id('setting'), { value: 'nothing', note: 'Why not' })],
  ['/office/audit', 'office-audit', 'supervisor', at('/office/audit')],
  ['/office/audit', 'office-audit-none', 'supervisor', at('/office/audit?day=2020-01-01')],
  ['/office/audit', 'office-forbidden', 'clerk', at('/office/audit')],
  ['/office/staff', 'office-staff', 'supervisor', at('/office/staff')],
]

/** A day so many days from now, as a field for dates takes it. */
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

const CAMPAIGNS = [
  ['/unsubscribe/{token}', 'unsubscribe-unknown', 'guest', async ({ page }) => {
    await page.goto('/unsubscribe/nothing')
    await page.waitForSelector(id('unsubscribe'))
  }],
  ['/office/campaigns', 'office-campaigns', 'clerk', at('/office/campaigns')],
  ['/office/campaigns/new', 'office-campaign-new', 'clerk', at('/office/campaigns/new')],
  ['/office/campaigns/new', 'office-campaign-refused', 'clerk', ({ page }) =>
    send(page, id('campaign-form'), { name: '' })],
  ['/office/campaigns/{id}', 'office-campaign-draft', 'clerk', async ({ page }, told) => {
    await page.goto('/office/campaigns/new')
    await page.check('#by_sms')
    for (const box of await page.locator('[name=markets]').all()) await box.check()
    const words = { 'sms-en': '20 % more until Sunday.', 'sms-zh-CN': '本周日前多送20%。' }
    const values = { name: 'Winter', from: day(1), until: day(20), ...words }
    await send(page, id('campaign-form'), values, id('campaign-own'))
    told.campaign = new URL(page.url()).pathname
  }],
  ['/office/campaigns/{id}/edit', 'office-campaign-edit', 'clerk', at((told) => `${told.campaign}/edit`)],
  ['/office/campaigns/{id}', 'office-campaign-asked', 'clerk', async ({ page }, told) => {
    await page.goto(told.campaign)
    await page.click(`${id('campaign-own')} button`)
    await page.waitForSelector(`${id('campaign-state')}[data-state=asked]`)
  }],
  ['/office/campaigns', 'office-campaigns-waiting', 'supervisor', at('/office/campaigns')],
  ['/office/campaigns/{id}', 'office-campaign-to-decide', 'supervisor', at((told) => told.campaign)],
  ['/office/campaigns/{id}', 'office-campaign-approved', 'supervisor', async ({ page }) => {
    await page.click(`${id('campaign-decide')} button`)
    await page.waitForSelector(id('campaign-stop'))
  }],
  ['/office/campaigns/{id}', 'office-campaign-stopped', 'supervisor', ({ page }) =>
    send(page, id('campaign-stop'), { note: 'Not now.' }, `${id('campaign-state')}[data-state=stopped]`)],
]

const ERRORS = [
  [null, 'error-404', 'guest', at('/there-is-no-such-page')],
  [null, 'error-404-of-the-office', 'clerk', at('/office/there-is-no-such-page')],
  [null, 'error-405', 'guest', (person, told) =>
    strange('/help', { method: 'POST', form: { a: '1' }, headers: ours(told), status: 405 })(person)],
  [null, 'error-403', 'guest', strange('/top-up', {
    method: 'POST', form: { msisdn: '1' }, headers: { Origin: 'http://elsewhere.example' }, status: 403,
  })],
  [null, 'error-413', 'guest', (person, told) =>
    strange('/top-up', { method: 'POST', form: { msisdn: '1'.repeat(300_000) }, headers: ours(told), status: 413 })(person)],
]

/** What a new member of the staff sees: a supervisor gives them a token, which ends the sessions of the clerk. */
export const JOINING = [
  ['/office/staff/{id}/{action}', 'office-staff-token', 'supervisor', async ({ page }) => {
    await page.goto('/office/staff')
    await page.locator('tr[data-login=clerk] form[action$="/reset"] button').click()
    await page.waitForSelector(id('new-token'))
  }],
  ['/office/join/set-up', 'office-set-up', 'guest', async ({ page }, told) => {
    const token = await told.people.supervisor.page.locator(`${id('new-token')} .code`).innerText()
    await page.goto('/office/join')
    await page.fill('#token', token)
    await page.click(`${id('office-join')} button`)
    await page.waitForSelector(id('office-set-up'))
  }],
  ['/office/join/set-up', 'office-set-up-refused', 'guest', ({ page }) =>
    send(page, id('office-set-up'), { code: '123456', passphrase: 'short', again: 'other' })],
].map(screen)

const ways = { at, id, refused, send }
export const SCREENS = [...PORTAL, ...SUPPORT, ...ACCOUNT, ...OFFICE, ...CAMPAIGNS, ...counterScreens(ways), ...agentScreens(ways), ...ERRORS]
  .map(screen)

function screen([route, name, by, go]) {
  return { route, name, by, go }
}

/** Finds an order in every state, as staff does: by the numbers of the demo's past. */
export async function ordersByState(world, { context }) {
  const found = {}
  const numbers = Array.from({ length: 75 }, (_, n) => `+${447400151160 - n}`)
  const first = [...[0, 1, 2, 3].map((n) => `+${447400151160 + n}`), world.lines.network_silent]
  for (const sought of [...first, ...numbers, ...numbers.map((_, n) => `+${447400151164 + n}`)]) {
    if (STATES.every((state) => found[state])) return found
    const answer = await context.request.post('/office/search', { form: { q: sought }, headers: ours({ world }) })
    const html = await answer.text()
    for (const [row] of html.matchAll(/<tr><td><a class="code"[^]*?<\/tr>/g)) {
      const state = row.match(/data-state="([a-z_]+)"/)[1]
      found[state] ??= { code: row.match(/\/office\/orders\/([^"]+)"/)[1], last4: sought.slice(-4) }
    }
  }
  assert.fail(`no order in some states, only in ${Object.keys(found)}`)
}
