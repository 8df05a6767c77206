// Support: a guest asks, staff answers in the guest's language, and the guest reads and rates it. In both languages, on
// phone and desktop, with and without scripts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, open, PAIRS, told } from './harness.mjs'
import { openDoor } from './people.mjs'
import { buy } from './steps.mjs'

const timeout = 240_000
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

/** Asks about an order that this browser bought; the code of the question. */
async function ask({ page }, code, words) {
  await page.goto(`/o/${code}`)
  await page.click('[data-testid=order-trouble] a')
  await page.waitForSelector('[data-testid=support-form]')
  assert.match(await page.textContent('[data-testid=support-known]'), /£\d+/)
  await page.click('label[for=cause-not_arrived]')
  await page.fill('#text', words)
  await page.click('[data-testid=support-form] button[type=submit]')
  await page.waitForSelector('[data-testid=case-sent]')
  return new URL(page.url()).pathname.split('/')[2]
}

/** A clerk answers with a saved reply. */
async function answer({ page }, question, words) {
  await page.goto(`/office/cases/${question}`)
  await page.click('[data-saved=looking]')
  await page.waitForURL('**saved=looking**')
  assert.match(await page.inputValue('#text'), words, 'in the language of the customer')
  await page.click('[data-testid=desk-form] button[value=answer]')
  await page.waitForSelector('[data-testid=case-state][data-state=answered]')
}

describe('a guest writes to support, and reads and rates the answer', () => {
  for (const way of PAIRS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const { page } = person
        const { code } = await buy(world, person)
        const question = await ask(person, code, 'Where is it?\n4242 4242 4242 4242')
        assert.ok(!(await page.content()).includes('4242 4242'))
        await page.goto('/support')
        await page.waitForSelector('[data-testid=support-cases]')
        await as(world, way, async (stranger) => {
          await stranger.page.goto(`/support/${question}`)
          await stranger.page.waitForSelector('[data-testid=case-proof]')
        })
        await as(world, { ...way, locale: way.locale === 'en' ? 'zh-CN' : 'en' }, async (clerk) => {
          await openDoor(clerk, 'clerk', '/office')
          await answer(clerk, question, way.locale === 'en' ? /Thank you/ : /感谢您的留言/)
        })
        await page.goto(`/support/${question}`)
        await page.waitForSelector('[data-testid=case-state][data-state=answered]')
        await page.check('[name=rating][value="5"]')
        await page.click('[data-testid=case-rate] button')
        await page.waitForSelector('[data-testid=case-rated]')
      }))
  }
})

test('a form without a text says so at its field', { timeout }, () =>
  as(world, { script: false }, async ({ page }) => {
    await page.goto('/support?order=none')
    await page.click('label[for=cause-other]')
    await page.fill('#email', 'li@example.com')
    await page.fill('#text', ' ')
    await page.click('[data-testid=support-form] button[type=submit]')
    const summary = page.locator('[data-testid=error-summary]')
    assert.equal(await summary.getAttribute('data-code'), 'text_missing')
    assert.equal(await summary.getAttribute('role'), 'alert')
  }))
