// Marketing as both sides see it: one person writes a campaign, another one approves it, the phone receives it, answers
// STOP, and the next campaign does not reach it. In both languages, on phone and desktop, with and without scripts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, open, PAIRS, told, until } from './harness.mjs'
import { look } from './looks.mjs'
import { openDoor, register } from './people.mjs'

const timeout = 240_000
const id = (name) => `[data-testid=${name}]`
let world
before(async () => { world = await open() }, { timeout })
after(() => world?.close())

const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)

/** A number of a country in which it is day now: nobody is written to at night. */
function awake(n) {
  const hour = new Date().getUTCHours()
  const of = (digits) => `${digits}${String(10_000 + n)}`
  if (hour >= 1 && hour < 12) return of('+86138123')
  return hour >= 12 && hour < 20 ? of('+4474001') : of('+5255123')
}

async function texts(number) {
  const answer = await fetch(`${world.simulator}/inbox.json?to=${number.replace('+', '')}`)
  return (await answer.json()).map(({ text }) => text)
}

/** The clerk writes and asks, the supervisor approves; `see(person, screen)` looks at the screens. */
async function send(way, words, see = async () => {}) {
  let campaign
  await as(world, way, async (clerk) => {
    const { page } = clerk
    await openDoor(clerk, 'clerk', '/office')
    await page.goto('/office/campaigns/new')
    await see(clerk, 'campaign-form')
    await page.fill('#name', words)
    await page.fill('#from', day(0))
    await page.fill('#until', day(3))
    for (const box of await page.locator('[name=markets]').all()) await box.check()
    await page.fill('#sms-en', words)
    await page.fill('#sms-zh-CN', `${words}，优惠`)
    await page.click(`${id('campaign-form')} button[type=submit]`)
    await page.waitForSelector(id('campaign-own'))
    campaign = new URL(page.url()).pathname
    assert.ok((await page.textContent(id('preview-en'))).includes('STOP'), 'the way out is in the preview')
    await see(clerk, 'campaign-draft')
    await page.click(`${id('campaign-own')} button`)
    await page.waitForSelector(`${id('campaign-state')}[data-state=asked]`)
    assert.equal(await page.locator(id('campaign-decide')).count(), 0, 'nobody decides alone')
  })
  await as(world, way, async (supervisor) => {
    const { page } = supervisor
    await openDoor(supervisor, 'supervisor', '/office')
    await page.goto(campaign)
    await see(supervisor, 'campaign-decide')
    await page.locator(`${id('campaign-decide')} button[type=submit]`).first().click()
    await page.waitForSelector(id('campaign-progress'))
  })
  return campaign
}

describe('a campaign reaches who agreed, and STOP ends it', () => {
  for (const [n, way] of PAIRS.entries()) {
    test(told(way), { timeout }, () =>
      as(world, way, async (reader) => {
        const { page } = reader
        const number = awake(n + 11 * PAIRS.length)
        await register(world, reader, `reader${n}@example.org`, number)
        await page.goto('/account')
        await page.check('[name=by_sms]')
        await page.click(`${id('preferences-form')} button[type=submit]`)
        await page.waitForSelector(`${id('consent-sms')}[data-state=given]`)
        const first = `First ${n}`
        const screens = way.script
        const campaign = await send(way, first, screens ? (person, name) => look(person, name) : undefined)
        await until('the text', async () => (await texts(number)).some((text) => text.includes(first)))
        await as(world, way, async (clerk) => {
          await openDoor(clerk, 'clerk', '/office')
          await until('the progress', async () => {
            await clerk.page.goto(campaign)
            return (await clerk.page.textContent('[data-count=delivered]')) !== '0'
          })
          if (screens) await look(clerk, 'campaign-progress')
          await clerk.page.goto('/office/campaigns')
          if (screens) await look(clerk, 'campaigns')
        })
        const phone = await (await fetch(world.simulator, { headers: { 'accept-language': way.locale } })).text()
        assert.ok(phone.includes('action="/write"'), 'the phone can write back')
        const reply = new URLSearchParams({ from: number, text: way.locale === 'en' ? 'STOP' : '退订' })
        await fetch(`${world.simulator}/write`, { method: 'POST', body: reply, redirect: 'manual' })
        await until('the end', async () => {
          await page.goto('/account')
          return page.locator(`${id('consent-sms')}[data-state=withdrawn][data-source=reply]`).count()
        })
        if (screens) await look(reader, 'account-consents')
        await until('the answer', async () => (await texts(number)).some((text) => /no more|退订成功/.test(text)))
        const second = `Second ${n}`
        const next = await send(way, second)
        await as(world, way, async (clerk) => {
          await openDoor(clerk, 'clerk', '/office')
          await clerk.page.goto(next)
          await clerk.page.waitForSelector(id('campaign-progress'))
        })
        assert.ok(!(await texts(number)).some((text) => text.includes(second)), 'nobody is written to after STOP')
      }))
  }
})
