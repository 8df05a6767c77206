// What the logs tell: every demo's log is looked through when it ends (harness.mjs). Here a planted line of each kind
// proves that it would be seen, and that a log without any passes.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { tellsNothing } from './harness.mjs'

const PLANTED = {
  'a phone number': 'sold to +447400123456',
  'an e-mail address': 'receipt for ana@example.org',
  'a card number': 'card 4242424242424242',
  'a security code': 'sent code=123456',
  'a key': 'key=rk_0123456789',
  'a cookie': 'order_next=k1.AbCdEfGhIjKlMnOpQrStUvWxYz012345',
  'a payment page': 'to http://localhost/pay/cs_test_a1',
}
let folder
before(async () => { folder = await mkdtemp(join(tmpdir(), 'recarga-logs-')) })
after(() => rm(folder, { recursive: true }))

async function log(name, line) {
  const path = join(folder, `${name}.log`)
  await writeFile(path, `2026-11-22T16:15:00Z  INFO flows: began\n2026-11-22T16:15:00Z  INFO flows: ${line}\n`)
  return path
}

describe('a log is refused', () => {
  for (const [what, line] of Object.entries(PLANTED)) {
    test(`with ${what}`, async () => {
      await assert.rejects(tellsNothing(await log(what, line)), /scan-logs/)
    })
  }

  test('with a secret of this very demo', async () => {
    await assert.rejects(tellsNothing(await log('secret', 'said correct-horse-battery'), ['correct-horse-battery']), /a secret/)
  })

  test('but not with what names nobody', async () => {
    await tellsNothing(await log('nobody', 'top-up tu_01M83509AR3HYQS2ZP8Q6TKFT7 was credited'), ['correct-horse-battery'])
  })
})
