// Pictures and PDF with a question, and what stays readable without a network: with and without scripts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, open, PAIRS, screenshot, told, until } from './harness.mjs'
import { accessible, noSidewaysScroll } from './looks.mjs'
import { openDoor, register } from './people.mjs'
import { offers, review } from './selectors.mjs'
import { CARDS, chooseOffer, goToPay, payWith, reaches } from './steps.mjs'

const timeout = 240_000
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** A picture that a browser can draw: taken of the page itself. */
const picture = async (page) => ({ name: '截图 (1).png', mimeType: 'image/png', buffer: await page.screenshot() })
const statement = { name: 'statement.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n') }
const neither = { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') }

async function fillIn({ page }, words) {
  await page.goto('/support?order=none')
  await page.click('label[for=cause-other]')
  await page.fill('#text', words)
  await page.fill('#email', 'li@example.com')
}

const send = ({ page }) => page.click('[data-testid=support-form] button[type=submit]')

describe('somebody adds a picture and a PDF, and staff opens them', () => {
  for (const way of PAIRS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const { page } = person
        await fillIn(person, 'Look at this')
        const shot = await picture(page)
        await page.setInputFiles('#files', [neither])
        await send(person)
        const summary = page.locator('[data-testid=error-summary]')
        assert.equal(await summary.getAttribute('data-code'), 'file_kind')
        assert.equal(await page.inputValue('#text'), 'Look at this', 'what was typed stays')
        await screenshot(person, 'files-refused')
        await page.setInputFiles('#files', [shot, statement])
        await send(person)
        await page.waitForSelector('[data-testid=case-sent]')
        assert.equal(await page.locator('[data-testid=files] li').count(), 2)
        const drawn = page.locator('[data-testid=files] img')
        await drawn.scrollIntoViewIfNeeded()
        await until('the picture', () => page.evaluate(() => document.querySelector('[data-testid=files] img').naturalWidth > 0)).catch((error) => { if (way.script !== false) throw error })
        await noSidewaysScroll(page)
        if (way.script !== false) await accessible(page)
        await screenshot(person, 'files-case')
        const question = new URL(page.url()).pathname.split('/')[2]
        await as(world, way, async (clerk) => {
          await openDoor(clerk, 'clerk', '/office')
          await clerk.page.goto(`/office/cases/${question}`)
          assert.equal(await clerk.page.locator('[data-testid=files] li').count(), 2)
          await screenshot(clerk, 'files-desk')
          const waiting = clerk.page.waitForEvent('download')
          await clerk.page.locator('[data-testid=files] a').nth(1).click()
          assert.equal((await waiting).suggestedFilename(), 'statement.pdf')
        })
      }))
  }
})

for (const locale of ['zh-CN', 'en']) {
  test(`receipts that were opened can be read without a network, and nothing can be paid (${locale})`, { timeout }, () =>
    as(world, { locale, size: 'phone', scheme: 'dark' }, async (person) => {
      const { context, page } = person
      const number = locale === 'en' ? '447400123456' : '33612345702'
      await register(world, person, `receipts.${locale}@example.org`, `+${number}`)
      await page.goto('/me')
      await page.evaluate(() => navigator.serviceWorker.ready)
      await until('the balance to be kept', () => page.evaluate(async () => Boolean(await caches.match('/me'))))
      await page.click('[data-testid=top-up-form] button')
      await page.waitForSelector(offers.form)
      await chooseOffer(person)
      const pay = page.locator(`${review.form} button[type=submit]`).first()
      await context.setOffline(true)
      await until('the button to be off', () => pay.isDisabled())
      assert.ok(await page.isVisible('[data-testid=offline-now]'), 'in words')
      await screenshot(person, 'offline-review')
      await context.setOffline(false)
      await until('the button to be back', () => pay.isEnabled())
      await goToPay(person)
      await payWith(person, CARDS.pays, { asGuest: false })
      await reaches(person, 'credited')
      const code = new URL(page.url()).pathname.split('/')[2]
      await page.goto(`/o/${code}/receipt`)
      await until('the receipt to be kept', () => page.evaluate(async (path) => Boolean(await caches.match(path)), `/o/${code}/receipt`))
      await context.setOffline(true)
      await page.goto('/me/history')
      await page.waitForSelector('[data-testid=kept-receipts] a')
      await screenshot(person, 'offline-page')
      await page.click('[data-testid=kept-receipts] a')
      await page.waitForSelector('[data-testid=receipt]')
      assert.ok(await page.isVisible('[data-testid=offline-now]'))
      await screenshot(person, 'offline-receipt')
      await page.goto('/me')
      await screenshot(person, 'offline-me')
      await context.setOffline(false)
    }))
}
