// Every screen, in both languages, light and dark, on phone and desktop, narrow and with large text; and that the list
// of screens misses none. What is looked for is in looks.mjs, the screens are in pages.mjs.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { as, LOCALES, open } from './harness.mjs'
import { FIRST_VIEW_BYTES, look, wireBytes } from './looks.mjs'
import { JOINING, ordersByState, SCREENS } from './pages.mjs'
import { openShop } from './counter.mjs'
import { openDoor } from './people.mjs'
import { fits, hasScreen, routes } from './routes.mjs'
import { buy } from './steps.mjs'

const timeout = 900_000
const PAST_DAYS = 29
const DOORS = { lin: ['subscriber', '/me'], clerk: ['clerk', '/office'], supervisor: ['supervisor', '/office'] }
const NEW = { en: ['screens.en@example.org', '+8613800138003'], 'zh-CN': ['screens.zh@example.org', '+8613800138004'] }
let world
let orders
before(async () => {
  world = await open({ pastDays: PAST_DAYS })
  await as(world, {}, async (person) => {
    await openDoor(person, ...DOORS.supervisor)
    orders = await ordersByState(world, person)
  })
}, { timeout })
after(() => world?.close())

test('the list of screens has every address that the routers have, and no other', async () => {
  const all = await routes()
  const known = new Set([...SCREENS, ...JOINING].map((screen) => screen.route))
  const unseen = all.filter(hasScreen).map(({ path }) => path).filter((path) => !known.has(path))
  assert.deepEqual(unseen, [], 'pages that nobody looks at: name them in tests/browser/pages.mjs')
  const paths = new Set(all.map(({ path }) => path))
  const gone = [...known].filter((route) => route !== null && !paths.has(route))
  assert.deepEqual(gone, [], 'screens without an address')
})

/** Somebody of each kind, with a device of their own. */
async function everybody(locale, kinds = ['guest', 'buyer', 'member', 'counter', ...Object.keys(DOORS)]) {
  const people = {}
  for (const kind of kinds) {
    people[kind] = await world.visitor({ locale, size: 'phone' })
    if (DOORS[kind]) await openDoor(people[kind], ...DOORS[kind])
    if (kind === 'counter') await openShop(world, people[kind])
  }
  return people
}

/** Goes to a screen and looks at it. */
async function visit({ name, route, by, go }, told) {
  const person = told.people[by]
  await go(person, told)
  const { pathname } = new URL(person.page.url())
  assert.ok(route === null || fits(route, pathname), `${pathname} is not ${route}`)
  // The reference for developers is in English.
  assert.equal(await person.page.getAttribute('html', 'lang'), route === '/docs' ? 'en' : person.locale)
  await look(person, name, route === '/docs' ? () => go(person, told) : undefined)
}

describe('every screen', { concurrency: LOCALES.length }, () => {
  for (const locale of LOCALES) {
    test(`in ${locale}`, { timeout }, async (t) => {
      const people = await everybody(locale)
      const [email, number] = NEW[locale]
      const { code } = await buy(world, people.guest)
      const told = { world, orders, people, email, number, own: code }
      for (const screen of SCREENS) {
        await t.test(screen.name, { timeout: 60_000 }, () => visit(screen, told))
      }
      for (const person of Object.values(people)) await person.close()
    })
  }
})

for (const locale of LOCALES) {
  test(`every screen of joining the staff, in ${locale}`, { timeout }, async () => {
    const people = await everybody(locale, ['guest', 'supervisor'])
    const told = { world, people }
    for (const screen of JOINING) await visit(screen, told)
    for (const person of Object.values(people)) await person.close()
  })
}

/** Where people begin, and who they are there. */
const ENTRIES = {
  guest: ['/', '/help', '/promotions', '/verify', '/status', '/sign-in', '/register', '/o', '/support', '/office/sign-in', '/demo'],
  lin: ['/', '/me', '/me/history', '/account'],
  supervisor: ['/office', '/office/stuck'],
}

describe(`a first view costs at most ${FIRST_VIEW_BYTES / 1000} KB over the wire`, () => {
  for (const locale of LOCALES) {
    for (const [kind, paths] of Object.entries(ENTRIES)) {
      test(`of ${kind}, in ${locale}`, { timeout }, () =>
        as(world, { locale, worker: false }, async (person) => {
          if (DOORS[kind]) await openDoor(person, ...DOORS[kind])
          for (const path of paths) {
            const bytes = await wireBytes(person, path)
            assert.ok(bytes > 0 && bytes <= FIRST_VIEW_BYTES, `${path}: ${bytes} bytes`)
          }
        }))
    }
  }
})
