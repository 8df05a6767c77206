// The office as staff walks through it: signing in with a real code, finding an order, reading why it waits, showing a
// number with a reason, and giving money back by two people. In both languages, on phone and desktop, with and without
// scripts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, open, PAIRS, tabTo, told } from './harness.mjs'
import { openDoor, signInToOffice } from './people.mjs'
import { buy, reaches } from './steps.mjs'

const timeout = 240_000
let world
let code
before(async () => {
  world = await open()
  await as(world, {}, async (person) => { ({ code } = await buy(world, person)) })
}, { timeout })
after(() => world?.close())

async function find(person, what) {
  await person.page.fill('#find', what)
  await person.page.press('#find', 'Enter')
}

describe('a supervisor finds an order and shows a number', () => {
  for (const way of PAIRS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (person) => {
        const { page } = person
        await signInToOffice(world, person, 'supervisor')
        await find(person, code)
        await page.waitForSelector('[data-testid=story]')
        assert.match(page.url(), new RegExp(`/office/orders/${code}$`))
        await find(person, world.line)
        await page.waitForSelector('[data-testid=orders]')
        assert.match(page.url(), /\/office\/lines\/line_/)
        assert.ok(!(await page.content()).includes(world.line.replace('+', '')), 'the number is masked')
        await page.fill('#reason', 'The customer asked for it')
        await page.click('[data-testid=reveal-form] button[value=number]')
        await page.waitForSelector('[data-testid=revealed]')
        assert.ok(!page.url().includes(world.line.slice(-6)), 'no number in the address')
        await page.click('[data-testid=sign-out] button')
        await page.waitForSelector('[data-testid=office-sign-in]')
      }))
  }
})

describe('two people give money back, and the buyer sees where it is', () => {
  for (const way of PAIRS) {
    test(told(way), { timeout }, () =>
      as(world, way, async (buyer) => {
        const bought = await buy(world, buyer)
        let request
        await as(world, way, async (clerk) => {
          const { page } = clerk
          await openDoor(clerk, 'clerk', '/office')
          await page.goto(`/office/refunds/ask?code=${bought.code}`)
          await page.selectOption('#reason', 'wrong_number')
          await page.fill('#note', 'It was a wrong number.')
          await page.click('[data-testid=refund-ask] button[type=submit]')
          await page.waitForSelector('[data-testid=refund-withdraw]')
          request = new URL(page.url()).pathname
          assert.equal(await page.locator('[data-testid=refund-decide]').count(), 0, 'nobody decides alone')
        })
        await as(world, way, async (supervisor) => {
          const { page } = supervisor
          await openDoor(supervisor, 'supervisor', '/office')
          await page.goto(request)
          await page.locator('[data-testid=refund-decide] button[type=submit]').first().click()
          await page.waitForSelector('[data-testid=refund-state]')
        })
        await buyer.page.goto(`/o/${bought.code}`)
        await reaches(buyer, 'refunding', 'refunded', 'reversed')
      }))
  }
})

test('a clerk is told what is for supervisors, without scripts', { timeout }, () =>
  as(world, { script: false }, async (person) => {
    const { page } = person
    await signInToOffice(world, person, 'clerk')
    await page.goto('/office/audit')
    await page.waitForSelector('[data-testid=forbidden]')
  }))

test('the slash key leads to the search field', { timeout }, () =>
  as(world, { size: 'desktop' }, async (person) => {
    const { page } = person
    await openDoor(person, 'clerk', '/office')
    await tabTo(page, '[data-find]')
    await page.click('h1')
    await page.keyboard.press('/')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'find')
  }))
